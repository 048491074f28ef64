/** Names that clients send. */

/** Whether it may stand in a log and in a header field: no NUL, no line end. */
export function isName(login: string): boolean {
  return login !== '' && !/[\0\r\n]/.test(login)
}
