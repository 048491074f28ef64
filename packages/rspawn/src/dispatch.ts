/** Bring deliveries together into transactions, and see each transaction through. */
import { lowerCase } from '@yabumi/address'
import {
  type Binding,
  bindingOf,
  converse,
  currentSettings,
  localAddressFor,
  openConnection,
  type Route,
  routeOf,
  type Settings,
  stale,
  texts,
} from '@yabumi/smtpclient'
import type { Delivery } from '@yabumi/spawnprotocol'
import { AddressBook } from './addressbook.ts'
import { composeReport } from './compose.ts'
import { Peers } from './peers.ts'
import { carryByQmtp } from './qmtp.ts'
import { Transaction } from './transaction.ts'

export class Dispatch {
  readonly #addresses = new AddressBook()
  readonly #peers = new Peers()
  /** Transactions by message, sender and next host: the last one begun, which a delivery may be able to join. */
  readonly #transactions = new Map<string, Transaction>()
  #settings: Settings | undefined

  /** Start a delivery. */
  deliver(delivery: Delivery): void {
    const settings = this.#settingsNow()
    if (settings === undefined) {
      const { status, text } = composeReport(`${texts.noControls}\0`)
      delivery.report(status, text)
      return
    }
    const route = routeOf(delivery.domain, settings.routes, settings.qmtpRoutes)
    const binding = bindingOf(delivery.domain, settings.bindings)
    const { ipv4 = '', ipv6 = '' } = binding
    const key = [delivery.message, delivery.sender, route.protocol, lowerCase(route.host), route.port, route.relay, ipv4, ipv6].join('\0')
    if (this.#transactions.get(key)?.join(delivery) === true) return
    const transaction = new Transaction(delivery.sender)
    transaction.join(delivery)
    this.#transactions.set(key, transaction)
    void this.#carry(transaction, route, binding, settings)
      .catch(() => texts.systemTrouble)
      .then((report) => {
        transaction.finish(report)
        if (this.#transactions.get(key) === transaction) this.#transactions.delete(key)
      })
  }

  /** Hang up; for when there are no deliveries left. */
  end(): void {
    this.#peers.end()
  }

  async #carry(transaction: Transaction, route: Route, binding: Binding, settings: Settings): Promise<string> {
    const found = await this.#addresses.find(route)
    if ('report' in found) return found.report
    if (route.protocol === 'qmtp') return carryByQmtp(transaction, found.addresses, route.port, binding, settings)
    for (;;) {
      const connection = await openConnection(found.addresses, route.port, settings, binding, this.#peers)
      if (typeof connection === 'string') return connection
      transaction.address = connection.address
      const ending = await converse(connection, transaction, settings.heloHost)
      const peer = this.#peers.at(connection.address, route.port, localAddressFor(connection.address, binding))
      if (ending !== stale) return peer.release(connection, ending, transaction.size)
      peer.abandon(connection)
    }
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
