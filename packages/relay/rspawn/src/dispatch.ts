/** Bring deliveries together into transactions, and see each transaction through. */
import { lowerCase } from '@yabumi/address'
import { complain } from '@yabumi/commandline'
import {
  attempt,
  type Binding,
  bindingOf,
  currentSettings,
  demandsKey,
  type Listener,
  type Route,
  reportOfError,
  type Settings,
  securityOf,
  texts,
  wayOf,
} from '@yabumi/smtpclient'
import type { Delivery } from '@yabumi/spawnprotocol'
import { Trouble } from '@yabumi/trouble'
import { AddressBook } from './addressbook.ts'
import { composeReport } from './compose.ts'
import { Networks } from './networks.ts'
import { Peers } from './peers.ts'
import { carryByQmtp } from './qmtp.ts'
import { Transaction } from './transaction.ts'

export class Dispatch {
  readonly #addresses = new AddressBook()
  readonly #peers = new Peers()
  readonly #networks = new Networks()
  /** Transactions by message, sender and next host: the last one begun, which a delivery may be able to join. */
  readonly #transactions = new Map<string, Transaction>()
  #settings: Settings | undefined
  readonly #heard: Listener
  /** What was said last of control files with passwords. */
  #complaint = ''

  /** @param heard - told of connections with TLS, and of those that were to have it */
  constructor(heard: Listener) {
    this.#heard = heard
  }

  /** Start a delivery. */
  deliver(delivery: Delivery): void {
    const settings = this.#settingsNow()
    if (settings === undefined) this.#refuse(delivery)
    else this.#take([delivery], settings)
  }

  #refuse(delivery: Delivery): void {
    const { status, text } = composeReport(`${texts.noControls}\0`)
    delivery.report(status, text)
  }

  /** @returns undefined if the control files that say so cannot be read */
  #wayOf({ sender, domain }: Delivery, settings: Settings): Route | undefined {
    try {
      return wayOf(sender, domain, settings)
    } catch (error) {
      if (!(error instanceof Trouble)) throw error
      if (error.message !== this.#complaint) complain(`rspawn: ${error.message}`)
      this.#complaint = error.message
      return undefined
    }
  }

  /** @param deliveries - of one message, to one next host */
  #take(deliveries: readonly Delivery[], settings: Settings): void {
    const [first] = deliveries as readonly [Delivery, ...Delivery[]]
    const { message, sender, domain } = first
    const route = this.#wayOf(first, settings)
    if (route === undefined) {
      for (const delivery of deliveries) this.#refuse(delivery)
      return
    }
    const binding = bindingOf(domain, settings.bindings)
    const { ipv4 = '', ipv6 = '' } = binding
    const demands = demandsKey(lowerCase(domain), route)
    const key = [message, sender, route.protocol, lowerCase(route.host), route.port, route.relay, ipv4, ipv6, demands].join('\0')
    const begun = this.#transactions.get(key)
    const rest = deliveries.filter((delivery) => begun?.takes(delivery, route.host) !== true)
    if (rest.length === 0) return
    const transaction = new Transaction(first)
    for (const delivery of rest) transaction.join(delivery)
    this.#transactions.set(key, transaction)
    void this.#carry(transaction, lowerCase(domain), route, binding, settings)
      .catch(reportOfError)
      .then((report) => {
        if (this.#transactions.get(key) === transaction) this.#transactions.delete(key)
        const left = transaction.finish(report)
        if (left.length > 0) this.#take(left, settings)
      })
  }

  /** Hang up; for when there are no deliveries left. */
  end(): void {
    this.#peers.end()
  }

  async #carry(transaction: Transaction, domain: string, route: Route, binding: Binding, settings: Settings): Promise<string> {
    const found = await this.#addresses.find(route, settings.usesIpv6)
    if ('report' in found) return found.report
    const addresses = found.targets.map(({ address }) => address)
    const network = this.#networks.heldOf(addresses)
    if (network !== undefined && !transaction.giveBackNewcomers(network)) return ''
    const letGo = this.#networks.hold(addresses)
    const way = { targets: found.targets, binding, security: securityOf(domain, route, found.secure, this.#heard) }
    const carried =
      route.protocol === 'qmtp'
        ? carryByQmtp(transaction, way, settings)
        : attempt(transaction, way, settings, (address, port, from) => this.#peers.at(address, port, from))
    return carried.finally(letGo)
  }

  /** The control files are looked at once for all the deliveries that arrive together. */
  #settingsNow(): Settings | undefined {
    if (this.#settings !== undefined) return this.#settings
    try {
      this.#settings = currentSettings()
      setImmediate(() => {
        this.#settings = undefined
      })
    } catch {
      // reported with the delivery
    }
    return this.#settings
  }
}
