/**
 * Secrets that nobody has registered, known by what stands before them: headers and query parameters in a text, user and
 * password in an address. A stranger's bad key is such a secret: it may be a good one elsewhere.
 * Repeats are bounded, so that no text makes the search slow.
 */
const PATTERNS: readonly RegExp[] = [
  // x-api-key: VALUE, "authorization": "Bearer VALUE"
  /((?:x-api-key|authorization)["']?\s{0,8}[:=,]\s{0,8}["']?(?:(?:bearer|basic)\s{1,8})?)[^\s"',;]+/gi,
  // cookie: A=B; C=D, to the end of the line
  /(cookie["']?\s{0,8}[:=]\s{0,8}["']?)[^\r\n"']+/gi,
  // ?key=VALUE, &access_token=VALUE
  /([?&;][\w.-]{0,64}(?:key|token|secret|passw|auth|cookie|credential)[\w.-]{0,64}=)[^&#\s"']+/gi,
  // postgres://user:VALUE@host
  /(:\/\/[^\s/:@"']{0,256}:)[^\s/@"']{1,256}(?=@)/g,
];

/** Each of the patterns needs one of these; ids, names and states have none. */
const NEEDED = /[:=,]/;

export const redactPatterns = (text: string, shownInstead: string): string =>
  NEEDED.test(text) ? PATTERNS.reduce((shown, pattern) => shown.replaceAll(pattern, `$1${shownInstead}`), text) : text;
