/**
 * The addresses of a forward line as a person means it: `a@y`, ` a@y`, `a@y, b@y`, `<a@y>`, `Joe <a@y>`, `a@y (Joe)`, `"joe doe"@y`.
 *
 * What has none of those marks is one address as it stands, as in qmail.
 */
import { behind, splitLine, unescaped } from './forwardfile.ts'

/** @param text - without its `&`. @returns undefined if somebody in it is no address */
export function addressesIn(text: string): string[] | undefined {
  const trimmed = text.replace(/^[ \t]+/, '').replace(/(?<![ \t])[ \t]+$/, '')
  const addresses = /[ \t,;<>()"]/.test(trimmed) ? parsed(trimmed) : [trimmed]
  const isReadable =
    addresses.length > 0 && addresses.every((address) => address !== undefined && address !== '' && !address.startsWith('@'))
  return isReadable ? (addresses as string[]) : undefined
}

function parsed(text: string): (string | undefined)[] {
  try {
    return splitLine(text)
      .filter((entry) => entry !== '')
      .map(addressIn)
  } catch {
    return [] // something is not closed
  }
}

const blank = '\n' // stands for blanks that are not quoted: no line holds a line end

function addressIn(entry: string): string | undefined {
  let text = ''
  let inAngles: string | undefined
  for (let position = 0; position < entry.length; ) {
    const end = behind(entry, position)
    const piece = entry.slice(position, end)
    position = end
    if (piece[0] === '(') continue
    if (piece[0] === '<') {
      if (inAngles !== undefined) return undefined
      inAngles = piece.slice(1, -1)
      text = ''
    } else if (piece[0] === '"') text += unescaped(piece.slice(1, -1))
    else if (piece === ' ' || piece === '\t') text += blank
    else if (piece[0] === '\\') text += piece.slice(1)
    else if (piece === '>' || piece === ';') return undefined
    else text += piece
  }
  const trimmed = text.replace(/^\n+/, '').replace(/(?<!\n)\n+$/, '')
  if (inAngles === undefined) return trimmed.includes(blank) ? undefined : trimmed
  return trimmed === '' ? addressIn(inAngles) : undefined
}
