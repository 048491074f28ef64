/** A burst of mail for one host costs one look-up: its addresses are used for some seconds, a failure is not. */
import { lowerCase } from '@yabumi/address'
import { type Addresses, findMailAddresses, type Route } from '@yabumi/smtpclient'

/** How long an answer of the DNS is used again: short enough for any TTL that matters, long enough for a burst of mail. */
const keepMilliseconds = 5_000
const entriesLimit = 1_000

/** The addresses of the hosts that mail goes to just now. */
export class AddressBook {
  readonly #entries = new Map<string, Promise<Addresses>>()

  find(route: Route, usesIpv6: boolean): Promise<Addresses> {
    const key = `${usesIpv6} ${route.relay} ${route.port} ${lowerCase(route.host)}`
    const known = this.#entries.get(key)
    if (known !== undefined) return known
    if (this.#entries.size >= entriesLimit) this.#entries.clear()
    const answer = findMailAddresses(route, usesIpv6)
    this.#entries.set(key, answer)
    const forget = (): void => {
      if (this.#entries.get(key) === answer) this.#entries.delete(key)
    }
    void answer.then((found) => {
      if ('report' in found)
        forget() // a "no" is asked about again each time: it may be wrong by now
      else setTimeout(forget, keepMilliseconds).unref()
    })
    return answer
  }
}
