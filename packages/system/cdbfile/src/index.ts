/** Look-ups in a cdb file (spec §10.4). */
import { closeSync, openSync, readSync } from 'node:fs'
import { CdbReader } from '@yabumi/cdb'

/** An open cdb file. It is never changed in place, so an open one shows one state of it. */
export class CdbFile extends CdbReader {
  readonly #fd: number

  /** @throws the system's error if the file cannot be opened */
  constructor(path: string) {
    const fd = openSync(path, 'r')
    super((position, length) => {
      const bytes = Buffer.allocUnsafe(length)
      return bytes.subarray(0, readSync(fd, bytes, 0, length, position))
    })
    this.#fd = fd
  }

  close(): void {
    closeSync(this.#fd)
  }
}
