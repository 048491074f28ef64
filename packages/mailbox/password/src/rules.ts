/** What may be a login or a password: what fits into the line, the file and checkpassword's descriptor 3. */
import { loginBytes, passwordBytes } from '@yabumi/limits'

/** What is wrong with a login (a byte string); undefined if it is fine. */
export function loginTrouble(login: string): string | undefined {
  if (login === '') return 'a login cannot be empty'
  if (login.length > loginBytes) return `a login can have ${loginBytes} bytes at most`
  // no blank: POP3 ends the name of APOP there (RFC 1939 §7); no colon: the file ends it there; no #: a comment
  if (!/^[!-9;-~\x80-\xff]+$/.test(login) || login.startsWith('#'))
    return 'a login is made of printable characters, without blanks and colons'
  return undefined
}

/** What is wrong with a password; undefined if it is fine. */
export function passwordTrouble(password: Buffer): string | undefined {
  if (password.length === 0) return 'the password is empty'
  if (password.length > passwordBytes) return `the password has more than ${passwordBytes} bytes`
  if (password.includes(0)) return 'the password holds a NUL byte'
  return undefined
}
