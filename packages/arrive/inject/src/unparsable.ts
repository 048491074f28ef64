/** Why inject gives a message back to the person who wrote it: it names nobody, or a line of it cannot be parsed. */
import { Trouble } from '@yabumi/trouble'

/** Nobody would get the message. */
export class NobodyNamed extends Trouble {
  constructor() {
    super('5.1.3', 'no recipients: name them in the header or as arguments')
  }
}

/** A field or an address that cannot be parsed. The message ends as the line does: a field brings its own line end. */
export class UnparsableLine extends Trouble {
  /** @param problem - what is wrong with it, in words that the line follows */
  constructor(line: string, problem = 'unable to parse this line') {
    super('5.1.3', `${problem}:\n${line}`)
  }
}
