/**
 * The domains for which mail is taken: control/rcpthosts, and control/morercpthosts.cdb for those who have many.
 *
 * An entry is a domain, or `.domain` for every name below it (spec §5.1, "rcpthosts").
 */
import { lowerCase } from '@yabumi/address'
import { CdbReader } from '@yabumi/cdb'
import { ConstMap } from '@yabumi/control'
import { errnoOf, errorText, Trouble } from '@yabumi/trouble'

const cdb = 'control/morercpthosts.cdb'

export class AllowedHosts {
  readonly #hosts: ConstMap

  /** @throws Trouble 4.3.0 if there is a morercpthosts.cdb that cannot be opened */
  constructor(hosts: readonly string[]) {
    this.#hosts = ConstMap.ofLines(hosts)
    openCdb()?.close()
  }

  /**
   * Whether this domain or one above it is listed.
   *
   * The cdb is opened for each question, which only domains outside rcpthosts come to: it may be replaced any time.
   *
   * @throws Trouble 4.3.0 if the cdb cannot be read
   */
  has(domain: string): boolean {
    const keys = [...keysOf(lowerCase(domain))]
    return keys.some((key) => this.#hosts.has(key)) || inCdb(keys)
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

function inCdb(keys: readonly string[]): boolean {
  const reader = openCdb()
  try {
    return reader !== undefined && keys.some((key) => key.length <= nameBytes && reader.find(Buffer.from(key, 'latin1')) !== undefined)
  } catch (cause) {
    throw new Trouble('4.3.0', `unable to read ${cdb}: ${errorText(cause)}`, { cause })
  } finally {
    reader?.close()
  }
}

function openCdb(): CdbReader | undefined {
  try {
    return new CdbReader(cdb)
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return undefined
    throw new Trouble('4.3.0', `unable to read ${cdb}: ${errorText(cause)}`, { cause })
  }
}
