/**
 * Say who vouches for a message: authcheck [option ...] < message.
 *
 * In      descriptor 0: a message, with LF or CRLF line ends
 * Out     descriptor 1: Authentication-Results, JSON, or words
 * Exit    0 whatever the result is; 100 a wrong command line; 111 the message or the zone cannot be read
 * Memory  the header; nothing of the body
 */
import { readFileSync } from 'node:fs'
import { run, say, toolLine } from '@yabumi/commandline'
import { readLine, readNumber } from '@yabumi/control'
import { nowSeconds } from '@yabumi/dates'
import { ask } from '@yabumi/dns'
import { messagePieces } from '@yabumi/files'
import { enterHome } from '@yabumi/home'
import { type Judgement, judge, resultsField } from '@yabumi/judgement'
import { dkimSmallestKeyBits } from '@yabumi/limits'
import { checkSpf } from '@yabumi/spf'
import { errorText, Trouble } from '@yabumi/trouble'
import { type Ask, answersOf } from '@yabumi/zonefile'
import { wordsFor } from './words.ts'

void run('authcheck', async () => {
  const command = await toolLine('authcheck', '[option ...] < message')
  const options = command
    .option('ip', { type: 'string', requiresArg: true, describe: 'address of the client that sent it' })
    .option('helo', { type: 'string', requiresArg: true, describe: 'what that client called itself' })
    .option('sender', { type: 'string', requiresArg: true, describe: 'sender in the envelope' })
    .option('json', { type: 'boolean', default: false, describe: 'say it as JSON' })
    .option('why', { type: 'boolean', default: false, describe: 'say it in words, and why' })
    .option('spf-only', { type: 'boolean', default: false, describe: 'ask about the client only, and say it as JSON' })
    .option('allow-weak', { type: 'boolean', default: false, describe: 'let count what no longer does: SHA-1, short keys, drafts' })
    .option('zone', { type: 'string', requiresArg: true, describe: 'a file that answers in place of the DNS' })
    .option('time', { type: 'number', requiresArg: true, default: nowSeconds(), describe: 'seconds since 1970 that count as now' })
    .parseSync()
  if (options._.length > 0) throw new Trouble('5.5.4', 'the message comes on descriptor 0')
  const askDns = options.zone === undefined ? ask : zoneFrom(options.zone)
  enterHome()
  const me = readLine('me')
  const receiver = me === undefined ? 'localhost' : me
  const client = { ip: options.ip ?? '', helo: options.helo ?? '', sender: options.sender ?? '' }
  if (options['spf-only']) {
    const spf = await checkSpf(client, { ask: askDns, nowSeconds: options.time, receiver })
    say(`${JSON.stringify({ spf })}\n`)
    return
  }
  const judgement = await judge(messagePieces(0), client, {
    ask: askDns,
    nowSeconds: options.time,
    receiver,
    smallestKeyBits: readNumber('dkimminbits', dkimSmallestKeyBits),
    partialBody: readNumber('dkimallowl', 0) !== 0,
    weak: options['allow-weak'],
  })
  const header = resultsField(receiver, judgement)
  if (options.json) say(`${JSON.stringify(asJson(judgement, header))}\n`)
  else say(options.why ? wordsFor(judgement) : `${header}\n`)
})

/** Of the record of DMARC only what it came to. */
function asJson({ spf, dkim, arc, dmarc, questions }: Judgement, header: string): object {
  const { record: _record, ...verdict } = dmarc
  const { results: _results, ...chain } = arc
  return { spf, dkim, arc: chain, questions, dmarc: verdict, header }
}

function zoneFrom(file: string): Ask {
  try {
    return answersOf(JSON.parse(readFileSync(file, 'utf8')))
  } catch (cause) {
    throw new Trouble('4.3.0', `unable to read the zone in ${file}: ${errorText(cause)}`, { cause })
  }
}
