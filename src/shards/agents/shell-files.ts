/*
 * What makes the shells mark their prompts (OSC 133, FinalTerm): D with the exit code and A before a prompt, C before a command's
 * output. B, the end of a prompt, is left out: the last mark then stays on the prompt's first row, where the next one begins too.
 * The user's own files come first and keep their prompt. History is not written: chat commands are not the user's typing.
 */

/**
 * bash. The status is taken before the user's own PROMPT_COMMAND, the marks come after it; both leave $? as it was.
 * bash before 4.4 (macOS has 3.2) has no PS0 for C. A DEBUG trap would be one, but users have their own; so it gets A at the end of
 * PS1 and no C, and its state is read from the cursor.
 */
export const bashrc = String.raw`# Written by Shardbridge for this shell alone.
[ -r "$HOME/.bashrc" ] && . "$HOME/.bashrc"
unset HISTFILE

__shardbridge_status() { __shardbridge_code=$?; return "$__shardbridge_code"; }
__shardbridge_done() { printf '\033]133;D;%s\007' "$__shardbridge_code"; return "$__shardbridge_code"; }
__shardbridge_ready() { __shardbridge_done; printf '\033]133;A\007'; return "$__shardbridge_code"; }

case $BASH_VERSION in
[123].* | 4.[0-3].*)
  PS1=$PS1'\[\033]133;A\007\]'
  __shardbridge_last=__shardbridge_done
  ;;
*)
  bind 'set enable-bracketed-paste on'
  PS0=$'\033]133;C\007'$PS0
  __shardbridge_last=__shardbridge_ready
  ;;
esac

# Of an array this sets the first element.
PROMPT_COMMAND="__shardbridge_status
$PROMPT_COMMAND"
case $(declare -p PROMPT_COMMAND) in
'declare -a'*) PROMPT_COMMAND+=("$__shardbridge_last") ;;
*) PROMPT_COMMAND="$PROMPT_COMMAND
$__shardbridge_last" ;;
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

export const zshrc = String.raw`# Written by Shardbridge for this shell alone.
ZDOTDIR=$__shardbridge_user
[[ -r $ZDOTDIR/.zshrc ]] && source "$ZDOTDIR/.zshrc"
unset HISTFILE
SAVEHIST=0
PROMPT_EOL_MARK=''

__shardbridge_done() { printf '\033]133;D;%s\007' "$?" }
__shardbridge_ready() { printf '\033]133;A\007' }
__shardbridge_command() { printf '\033]133;C\007' }
precmd_functions=(__shardbridge_done $precmd_functions __shardbridge_ready)
preexec_functions=($preexec_functions __shardbridge_command)
`;

/** fish 4 marks its prompts itself; its private mode writes no history. */
export const fishInit = String.raw`if string match -qr '^[0-3]\.' -- $version
  function __shardbridge_done --on-event fish_postexec; printf '\033]133;D;%s\007' $status; end
  function __shardbridge_ready --on-event fish_prompt; printf '\033]133;A\007'; end
  function __shardbridge_command --on-event fish_preexec; printf '\033]133;C\007'; end
end`;

/** sh: the prompt itself carries the marks, with the status of the command before. There is no C. */
export const shrc = String.raw`# Written by Shardbridge for this shell alone.
unset HISTFILE
PS1="$(printf '\033]133;D;')"'$?'"$(printf '\007\033]133;A\007')"'$ '
`;
