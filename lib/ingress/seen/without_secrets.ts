/**
 * A request's target or a referrer on its way into the access log: what could let its reader act as somebody else is taken
 * out. Values of parameters that look like credentials become `***`, also where a whole address is the value of another
 * parameter; a user and a password before a host are dropped.
 * @module
 */

const REDACTED = "***";

/** How a parameter begins: of a query, of a fragment, or of a path (`;jsessionid=`). */
const PARAMETER = /[?&;#]([^?&;#=]*)=/g;
const PARAMETER_WITH_VALUE = /[?&;#]([^?&;#=]*)=(?=[^&;#])/g;
/** An address as the value of a parameter may be encoded more than once. */
const DECODE_TIMES_MAX = 3;

/** As a word of a parameter's name, whatever stands beside it: `api_key`, `user[password]`, `X-Amz-Signature`. */
const SECRET_WORDS = new Set(
  ("auth authorization bearer credential credentials jwt key otp pass passphrase passwd password pwd secret session " +
    "sid sig signature token").split(" "),
);
/** How such names end where they are written as one word: `apikey`, `accesstoken`, `jsessionid`. */
const SECRET_ENDING = /(token|password|passwd|passphrase|secret|signature|apikey|accesskey|credentials?|sessionid)$/;
/** Only alone: with other words before it, it is of a country or a product. */
const SECRET_ALONE = "code";

/** Without any of these there is nothing to look for; what is encoded may be anything. */
const SUSPECT = /%|auth|bearer|code|credential|jwt|key|otp|pass|pwd|secret|session|sid|sig|token/i;

/** The user's part of an address at its beginning, with a scheme, with two slashes alone, or with neither. */
const USER_FIRST = /^([a-z][a-z\d+.-]*:[\\/]+|[\\/]{2,}|(?![\\/]))[^\\/?#]*@/i;
const USER_WITHIN = /(:[\\/]{2,})[^\\/?#&]*@/g;

/** The address without credentials. All else stays as it was. Takes time in proportion to the length, whatever is sent. */
export function withoutSecrets(address: string): string {
  // Most targets are a path alone.
  const plain = address.includes("@") ? withoutUser(address) : address;
  return plain.includes("=") && SUSPECT.test(plain) ? withoutSecretValues(plain) : plain;
}

function withoutUser(address: string): string {
  return address.replace(USER_FIRST, "$1").replace(USER_WITHIN, "$1");
}

function withoutSecretValues(address: string): string {
  let kept = "";
  let from = 0;
  PARAMETER.lastIndex = 0;
  for (let found = PARAMETER.exec(address); found !== null; found = PARAMETER.exec(address)) {
    const begin = PARAMETER.lastIndex;
    const isNamed = isSecret(percentDecoded(found[1] ?? ""));
    // A question mark in the value may begin the parameters of an address within this one: they are looked at next.
    if (!isNamed && !holdsSecret(address.slice(begin, endOf(address, { begin, marks: "?&;#" })))) continue;
    const end = endOf(address, { begin, marks: "&;#" });
    if (end === begin) continue;
    kept += `${address.slice(from, begin)}${REDACTED}`;
    from = end;
    PARAMETER.lastIndex = end;
  }
  return kept + address.slice(from);
}

/** Where a value ends: at the first of the marks. */
function endOf(address: string, { begin, marks }: { begin: number; marks: string }): number {
  let end = begin;
  while (end < address.length && !marks.includes(address.charAt(end))) end++;
  return end;
}

/** Whether a value is an address, once encoded or more, with a credential in it. */
function holdsSecret(value: string): boolean {
  let text = value;
  for (let times = 0; times < DECODE_TIMES_MAX && text.includes("%"); times++) {
    text = percentDecoded(text);
    const isThere = [...`&${text}`.matchAll(PARAMETER_WITH_VALUE)].some(([, name = ""]) => isSecret(name));
    if (isThere || withoutUser(`/${text}`) !== `/${text}`) return true;
  }
  return false;
}

function isSecret(name: string): boolean {
  if (name.length === 0) return false;
  const lower = name.toLowerCase();
  if (lower === SECRET_ALONE || SECRET_ENDING.test(lower)) return true;
  return name.split(/[^A-Za-z\d]+|(?<=[a-z\d])(?=[A-Z])/).some((word) => SECRET_WORDS.has(word.toLowerCase()));
}

/** What is no escape stays: this never fails. */
function percentDecoded(text: string): string {
  if (!text.includes("%")) return text;
  return text.replace(/%([\dA-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}
