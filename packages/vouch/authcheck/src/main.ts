/**
 * Say who vouches for a message: authcheck [option ...] < message.
 *
 * In      descriptor 0: a message, with LF or CRLF line ends
 * Out     descriptor 1: Authentication-Results, or JSON
 * Exit    0 whatever the result is; 100 a wrong command line; 111 the message or the zone cannot be read
 * Memory  the header; nothing of the body
 */
import { readFileSync } from 'node:fs'
import { Chain } from '@yabumi/arc'
import { commandLine, run, say } from '@yabumi/commandline'
import { readLine, readNumber } from '@yabumi/control'
import { nowSeconds } from '@yabumi/dates'
import { Verifier } from '@yabumi/dkim'
import { ask } from '@yabumi/dns'
import { messagePieces } from '@yabumi/files'
import { enterHome } from '@yabumi/home'
import { dkimSmallestKeyBits } from '@yabumi/limits'
import { errorText, Trouble } from '@yabumi/trouble'
import { type Ask, answersOf } from '@yabumi/zonefile'
import { resultsField } from './header.ts'
import { WireLineEnds } from './lineends.ts'

void run('authcheck', async () => {
  const command = await commandLine('authcheck', '[option ...] < message')
  const options = command
    .option('ip', { type: 'string', requiresArg: true, describe: 'address of the client that sent it' })
    .option('helo', { type: 'string', requiresArg: true, describe: 'what that client called itself' })
    .option('sender', { type: 'string', requiresArg: true, describe: 'sender in the envelope' })
    .option('json', { type: 'boolean', default: false, describe: 'say it as JSON' })
    .option('allow-weak', { type: 'boolean', default: false, describe: 'let count what no longer does: SHA-1, short keys, drafts' })
    .option('zone', { type: 'string', requiresArg: true, describe: 'a file that answers in place of the DNS' })
    .option('time', { type: 'number', requiresArg: true, default: nowSeconds(), describe: 'seconds since 1970 that count as now' })
    .demandCommand(0, 0, '', 'the message comes on descriptor 0')
    .parseSync()
  const lookUp = options.zone === undefined ? ask : zoneFrom(options.zone)
  enterHome()
  const common = {
    lookUp: (name: string) => lookUp(name, 'TXT'),
    nowSeconds: options.time,
    smallestKeyBits: readNumber('dkimminbits', dkimSmallestKeyBits),
  }
  const chain = new Chain(common)
  const verifier = new Verifier({
    ...common,
    weak: options['allow-weak'] === true,
    partialBody: readNumber('dkimallowl', 0) !== 0,
    companion: chain,
  })
  const lineEnds = new WireLineEnds()
  for await (const piece of messagePieces(0)) verifier.push(lineEnds.convert(piece))
  const dkim = await verifier.end()
  const arc = await chain.end()
  const me = readLine('me')
  const header = resultsField(me === undefined ? 'localhost' : me, dkim, arc)
  say(options.json ? `${JSON.stringify({ dkim, arc, header })}\n` : `${header}\n`)
})

function zoneFrom(file: string): Ask {
  try {
    return answersOf(JSON.parse(readFileSync(file, 'utf8')))
  } catch (cause) {
    throw new Trouble('4.3.0', `unable to read the zone in ${file}: ${errorText(cause)}`, { cause })
  }
}
