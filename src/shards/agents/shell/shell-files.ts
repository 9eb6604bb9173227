/*
 * Start files that make the shells mark their prompts (OSC 133, FinalTerm): D with the exit code and A before a prompt, B at its end, C before a
 * command's output. A shell without C has I for B, see marks.ts. P;k=s ends the prompt for the rest of a command. The marks have a
 * word of their own in them (`aid`), which nobody else knows.
 * The user's own files come first and keep their prompt; what a theme sets anew before each prompt gets its mark anew. History is not
 * written: chat commands are not the user's typing.
 */

/**
 * bash. The status is taken before the user's own PROMPT_COMMAND, the marks come after it; both leave $? as it was. Marks in prompts are
 * escapes that only a prompt expands, so that `echo "$PS1"` prints none. What `set -x` and the user's DEBUG trap print of ours goes nowhere.
 * A PS1 that can't be set (readonly) ends the function: the rest is done before, and pastes tell that the prompt is made.
 * bash before 4.4 (macOS has 3.2) has no PS0 for C. A DEBUG trap would be one, but users have their own.
 */
export const bashrc = (aid: string): string => String.raw`# Written by Shardbridge for this shell alone.
[ -r "$HOME/.bashrc" ] && . "$HOME/.bashrc"
unset HISTFILE

__shardbridge_status() { __shardbridge_code=$?; return "$__shardbridge_code"; }
__shardbridge_ready() {
  \builtin printf '\033]133;D;%s;aid=${aid}\007' "$__shardbridge_code" >&3
  \builtin printf '\033]133;A;ready=paste;aid=${aid}\007' >&3
  case $PS2 in *'aid=${aid}'*) ;; *) PS2=$PS2'\[\e]133;P;k=s;aid=${aid}\a\]' ;; esac
  if [ "$__shardbridge_end" = B ]; then
    case $PS0 in *'aid=${aid}'*) ;; *) PS0=$PS0'\e]133;C;aid=${aid}\a' ;; esac
  fi
  case $PS1 in *'aid=${aid}'*) ;; *) PS1=$PS1'\[\e]133;'$__shardbridge_end';aid=${aid}\a\]' ;; esac
  return "$__shardbridge_code"
}

case $BASH_VERSION in
[123].* | 4.[0-3].*) __shardbridge_end=I ;;
*)
  __shardbridge_end=B
  bind 'set enable-bracketed-paste on'
  ;;
esac

# Of an array this sets the first element.
PROMPT_COMMAND="{ __shardbridge_status; } >/dev/null 2>&1
$PROMPT_COMMAND"
case $(declare -p PROMPT_COMMAND) in
'declare -a'*) PROMPT_COMMAND+=('{ __shardbridge_ready; } 3>&1 >/dev/null 2>&1') ;;
*) PROMPT_COMMAND="$PROMPT_COMMAND
{ __shardbridge_ready; } 3>&1 >/dev/null 2>&1" ;;
esac
`;

/** zsh reads this first, from ZDOTDIR. The user's file may set another ZDOTDIR, which is kept for .zshrc. */
export const zshenv = String.raw`# Written by Shardbridge for this shell alone.
__shardbridge_folder=$ZDOTDIR
ZDOTDIR=$HOME
[[ -r $HOME/.zshenv ]] && source "$HOME/.zshenv"
__shardbridge_user=$ZDOTDIR
ZDOTDIR=$__shardbridge_folder
`;

/**
 * zsh. Its line editor tells when a prompt was drawn, whoever has made it, and whether it is the one for the rest of a command. A theme
 * may put itself in the place of that hook.
 */
export const zshrc = (aid: string): string => String.raw`# Written by Shardbridge for this shell alone.
ZDOTDIR=$__shardbridge_user
[[ -r $ZDOTDIR/.zshrc ]] && source "$ZDOTDIR/.zshrc"
unset HISTFILE
SAVEHIST=0
PROMPT_EOL_MARK=''

# zsh calls a precmd function before those, and what that prints belongs to the prompt.
if (( $+functions[precmd] )); then
  functions[__shardbridge_precmd]=$functions[precmd]
  unfunction precmd
  precmd_functions=(__shardbridge_precmd $precmd_functions)
fi
__shardbridge_done() { builtin printf '\033]133;D;%s;aid=${aid}\007' "$?" }
__shardbridge_ready() {
  [[ $widgets[zle-line-init] == user:azhw:* ]] || add-zle-hook-widget line-init __shardbridge_drawn
  builtin printf '\033]133;A;ready=paste;aid=${aid}\007'
}
__shardbridge_drawn() {
  case $CONTEXT in
  start) builtin printf '\033]133;B;aid=${aid}\007' ;;
  cont) builtin printf '\033]133;P;k=s;aid=${aid}\007' ;;
  esac
}
__shardbridge_command() { builtin printf '\033]133;C;aid=${aid}\007' }
autoload -Uz add-zle-hook-widget
add-zle-hook-widget line-init __shardbridge_drawn
precmd_functions=(__shardbridge_done $precmd_functions __shardbridge_ready)
preexec_functions=($preexec_functions __shardbridge_command)
`;

/**
 * fish. Since version 4 it marks its prompts itself, without our word and not their ends. Its private mode writes no history. An unfinished
 * command goes on in its line editor, with no prompt of its own.
 */
export const fishInit = (aid: string): string => String.raw`
function __shardbridge_done --on-event fish_postexec; builtin printf '\033]133;D;%s;aid=${aid}\007' $status; end
function __shardbridge_command --on-event fish_preexec; builtin printf '\033]133;C;aid=${aid}\007'; end
function __shardbridge_ready --on-event fish_prompt
  if not functions fish_prompt | string match -q '*aid=${aid}*'
    functions --erase __shardbridge_prompt
    functions --copy fish_prompt __shardbridge_prompt
    function fish_prompt; __shardbridge_prompt $argv; builtin printf '\033]133;B;aid=${aid}\007'; end
  end
  builtin printf '\033]133;A;rest=inline;aid=${aid}\007'
end`;

/** sh: the prompt itself carries the marks, with the status of the command before. There is no C. */
export const shrc = (aid: string): string => String.raw`# Written by Shardbridge for this shell alone.
unset HISTFILE
PS1="$(printf '\033]133;D;')"'$?'"$(printf ';aid=${aid}\007\033]133;A;aid=${aid}\007')"'$ '"$(printf '\033]133;I;aid=${aid}\007')"
PS2='> '"$(printf '\033]133;P;k=s;aid=${aid}\007')"
`;
