/** Logins are compared after this: one shape of width and case, phone numbers without their separators. */
export function normalizeLogin(text: string): string {
  const plain = text.normalize('NFKC').trim().toLowerCase();
  return /^\+?[\d\s().-]+$/.test(plain) ? plain.replace(/[\s().-]/g, '') : plain;
}

/** Is a normalised login a phone number or an e-mail address. Plain ASCII only, so that two logins that look alike are alike. */
export const isLogin = (login: string): boolean =>
  login.length <= 120 && (/^\+?\d{5,15}$/.test(login) || /^[!-?A-~]+@[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(login));
