import { Trouble } from '@yabumi/trouble'

/** A field or an address that cannot be parsed. The message ends as the line does: a field brings its own line end. */
export class UnparsableLine extends Trouble {
  constructor(line: string) {
    super('5.1.3', `unable to parse this line:\n${line}`)
  }
}
