/** What is done with a message: commands, each followed by a NUL. */

const letters = { forward: '&', program: '|', headed: '!' } as const

export interface AliasCommand {
  /** `headed` is a program that gets UFLINE, RPLINE and DTLINE in front of the message; `list` a file of further commands. */
  readonly kind: keyof typeof letters | 'list'
  /** An address, what the shell runs, or a path. Byte string without NUL. */
  readonly text: string
}

export function encodeCommands(commands: readonly AliasCommand[]): Buffer {
  return Buffer.from(commands.map(({ kind, text }) => `${kind === 'list' ? '' : letters[kind]}${text}\0`).join(''), 'latin1')
}

/** @throws Error if these are no commands */
export function decodeCommands(bytes: Buffer): AliasCommand[] {
  const texts = bytes.toString('latin1').split('\0')
  if (texts.pop() !== '') throw new Error('commands are cut short')
  return texts.map(decodeCommand)
}

function decodeCommand(text: string): AliasCommand {
  switch (text[0]) {
    case '&':
      return { kind: 'forward', text: text.slice(1) }
    case '|':
      return { kind: 'program', text: text.slice(1) }
    case '!':
      return { kind: 'headed', text: text.slice(1) }
    case '.':
    case '/':
      return { kind: 'list', text }
    default:
      throw new Error(`there is no command ${JSON.stringify(text.slice(0, 1))}`)
  }
}
