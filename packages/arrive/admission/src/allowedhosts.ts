/**
 * The domains for which mail is taken: control/rcpthosts, and control/morercpthosts.cdb for those who have many.
 *
 * An entry is a domain, or `.domain` for every name below it (spec §5.1, "rcpthosts").
 */
import { lowerCase } from '@yabumi/address'
import { ConstMap } from '@yabumi/control'
import { ControlCdb } from './controlcdb.ts'

export class AllowedHosts {
  readonly #hosts: ConstMap
  readonly #more = new ControlCdb('morercpthosts.cdb')

  /** @throws Trouble 4.3.0 if there is a morercpthosts.cdb that cannot be opened */
  constructor(hosts: readonly string[]) {
    this.#hosts = ConstMap.ofLines(hosts)
    this.#more.exists()
  }

  /**
   * Whether this domain or one above it is listed. The cdb is asked only about domains outside rcpthosts.
   *
   * @throws Trouble 4.3.0 if the cdb cannot be read
   */
  has(domain: string): boolean {
    const keys = [...keysOf(lowerCase(domain))]
    return keys.some((key) => this.#hosts.has(key)) || this.#more.find(keys.filter((key) => key.length <= nameBytes)) !== undefined
  }
}

/** Longer than any name in the DNS (RFC 1035 §2.3.4): not worth a read of the cdb. */
const nameBytes = 255

/** The domain itself, then each part of it that starts at a dot. */
function* keysOf(domain: string): Generator<string, void> {
  if (domain === '') return
  yield domain
  for (let dot = domain.indexOf('.', 1); dot >= 0; dot = domain.indexOf('.', dot + 1)) yield domain.slice(dot)
}
