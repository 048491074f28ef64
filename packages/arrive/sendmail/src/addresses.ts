/**
 * Addresses as programs pass them in one argument: `a@x,b@y` of cron's MAILTO, `Joe <a@x>`, `<a@x>`, `a@x b@y`,
 * `"joe doe"@x`.
 *
 * Arguments are byte strings. One that has none of the marks of a list is one address as it stands, whatever bytes it
 * has.
 */
import { addressText, dropRoute, isSomebody, rewriteAddressList } from '@yabumi/header'
import { Trouble } from '@yabumi/trouble'

/** No address has them but in quotes. */
const marks = /[,;:<>()"\r\n]/

/** The recipients in an argument, in their order. @throws Trouble 5.1.3 if there is none, or something that is none */
export function recipientsOf(argument: string): string[] {
  const found = addressesOf(argument)
  if (found.length === 0 || found.includes('')) throw new Trouble('5.1.3', `no address: ${argument}`)
  return found
}

/** The sender in an argument; `<>` and the empty argument are the empty sender. @throws Trouble 5.1.3 if it is not one address */
export function senderOf(argument: string): string {
  const [sender = '', ...more] = addressesOf(argument)
  if (more.length > 0) throw new Trouble('5.1.3', `more than one sender: ${argument}`)
  return sender
}

/** @returns those of empty brackets or quotes as empty ones @throws Trouble 5.1.3 if it cannot be read */
function addressesOf(argument: string): string[] {
  const text = argument.replace(/^[ \t\r\n]+/, '').replace(/(?<![ \t\r\n])[ \t\r\n]+$/, '')
  if (!isList(text)) return [text]
  const found: (string | undefined)[] = []
  const list = rewriteAddressList(`To: ${text}\n`, (address, isName) => {
    if (isName) throw new Trouble('5.1.3', `a name with a comma that is not quoted: ${argument}`)
    dropRoute(address)
    const plain = addressText(address)
    found.unshift(plain === '' || isSomebody(address) ? plain : undefined)
  })
  if (list === undefined || found.includes(undefined)) throw new Trouble('5.1.3', `unable to parse address: ${argument}`)
  return found as string[]
}

/** Blanks alone make a list only where each word is an address: `a b@x` is one of qmail's. */
function isList(text: string): boolean {
  return marks.test(text) || (/[ \t]/.test(text) && text.split(/[ \t]+/).every((word) => word.includes('@')))
}
