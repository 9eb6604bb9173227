/*
 * Words that decide, in the languages that programs come in. A word of Latin, Greek or Cyrillic letters stands by itself; those of scripts
 * that write no blanks may go on.
 */

const yes =
  "y|yes|yep|ok|okay|sure|allow|approve|accept|agree|confirm|continue|proceed|go|run|execute|retry|trust|save|apply|overwrite|replace|always|once|keep|install|send|submit|enable|ja|j|jep|erlauben|zulassen|bestätigen|fortfahren|weiter|ausführen|oui|autoriser|accepter|confirmer|continuer|sí|si|permitir|aceptar|confirmar|continuar|sim|aceitar|consenti|accetta|conferma|tak|zezwól|да|разрешить|подтвердить|продолжить|evet|ano|igen|kyllä|ναι";
const no =
  "n|no|nope|deny|reject|refuse|decline|disallow|cancel|abort|skip|never|don't|do not|stop|quit|exit|discard|ignore|block|disable|dismiss|nein|ablehnen|abbrechen|verweigern|beenden|non|refuser|annuler|quitter|rechazar|cancelar|denegar|não|recusar|rifiuta|annulla|nee|nie|anuluj|нет|отклонить|отмена|отменить|hayır|iptal|ne|nem|ei|όχι";
const yesWhole =
  "はい|許可|承認|同意|続行|実行|是|确定|確定|确认|確認|允许|允許|同意|继续|繼續|예|네|확인|허용|승인|계속";
const noWhole = "いいえ|拒否|却下|中止|キャンセル|否|不|取消|拒绝|拒絕|아니|취소|거부";

const begins = (words: string, whole: string) => new RegExp(`^(?:(?:${words})(?![\\p{L}\\p{N}])|${whole})`, "iu");

/** A label that agrees to what is asked, and one that refuses it. */
export const agrees = begins(yes, yesWhole);
export const refuses = begins(no, noWhole);

const verbs =
  "approve|allow|confirm|accept|proceed|continue|overwrite|replace|delete|remove|erase|install|run|execute|trust|really|are you sure|do you (?:want|wish|really)|would you like to";
const choice = String.raw`[[(（]\s*(?:y|yes|n|no|j|o|s|д)\s*[/|,／]\s*\p{L}+[^\])）]*[\])）]`;
const demand = new RegExp(
  [
    String.raw`\b(?:type|enter|press|say|reply|answer|write)\b.{0,15}(?<![\p{L}])(?:yes|no|y|n|ok)(?![\p{L}])`,
    String.raw`\b(?:type|enter|press|say|reply|answer|write)\b.{1,60}\bto (?:confirm|approve|delete|continue|proceed|accept)\b`,
    String.raw`^[^\p{L}]{0,6}(?:${verbs})\b.{0,120}[?!]\s*$`,
    String.raw`(?:^|\s)${choice}\s*[?:？：]?\s*$`,
    String.raw`\p{L}.*\s(?:y\/n|yes\/no|yes or no)\s*[?:？：]?\s*$`,
  ].join("|"),
  "iu",
);

/** A row that wants a decision and nothing else, such as "Type 'delete' to confirm", "Allow it? (yes/no)" or "Delete all of it?". */
export function demandsDecision(row: string): boolean {
  return demand.test(row.replace(/[\s│┃║|]+$/, ""));
}

const secretWords =
  "password|passwd|passphrase|passcode|passwort|kennwort|contraseña|clave|mot de passe|phrase de passe|senha|palavra-passe|wachtwoord|hasło|heslo|jelszó|lösenord|adgangskode|passord|salasana|şifre|parola|пароль|пароля|κωδικός|mật khẩu|kata sandi|pin|otp|secret|token|credentials?|(?:api|access|secret|encryption|private|recovery|licen[cs]e) key|(?:seed|recovery|secret) phrase|mnemonic|card number|cvv|cvc|(?:digit|verification|one-time|auth(?:entication|enticator)?|security|login|2fa|mfa|backup|recovery) codes?|digit code|code (?:from|sent)";
const secretWhole = "パスワード|パスフレーズ|暗証番号|密码|密碼|口令|비밀번호|암호|รหัสผ่าน|סיסמה|كلمة المرور";
const secret = `(?:(?<![\\p{L}\\p{N}])(?:${secretWords})(?![\\p{L}\\p{N}])|${secretWhole})`;
const asksFor = new RegExp(`${secret}(?:'[^']*'|[^:：>])*[:：]\\s?$`, "iu");
/** "pw> ", and no prompt that names a folder. */
const asksLikePrompt = new RegExp(`^[^/~@:]{0,60}(?:${secret}|(?<![\\p{L}])pw)[^/~@:>]{0,20}[>›❯]\\s$`, "iu");
const names = new RegExp(secret, "iu");

/** A row that ends by asking for a secret: "[sudo] password for me: ". */
export function asksForSecret(row: string): boolean {
  return asksFor.test(row) || asksLikePrompt.test(row);
}

/** A heading that names a secret: "Enter your API key". */
export function namesSecret(heading: string): boolean {
  return heading.length <= 80 && names.test(heading) && !/[.;,]\s/.test(heading);
}
