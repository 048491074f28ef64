/** A Maildir of many different messages, the same ones each time: 4 KB on average, in a single part, in two, with an attachment. */
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const words = ['outage', 'minutes', 'harbour', 'letter', 'window', 'ticket', 'copper', 'garden', 'market', 'number', 'signal', 'bridge']
const firstSecond = 1_577_836_800

/** Numbers that look random, from 0 up to a bound, the same ones each time. */
class Dice {
  #state = 20_261

  next(bound: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((this.#state / 2 ** 32) * bound)
  }

  words(count: number): string {
    return Array.from({ length: count }, () => words[this.next(words.length)]).join(' ')
  }

  lines(least: number, spread: number): string {
    return Array.from({ length: least + this.next(spread) }, () => `${this.words(9)}\n`).join('')
  }
}

/** Make new, cur, tmp and messages in cur, a quarter of them unseen. */
export function makeMail(maildir: string, count: number): void {
  for (const part of ['tmp', 'new', 'cur']) mkdirSync(join(maildir, part), { recursive: true, mode: 0o700 })
  const dice = new Dice()
  for (let n = 0; n < count; n += 1) {
    const seconds = firstSecond + 60 * n
    const path = join(maildir, 'cur', `${seconds}.M${n}P1.bench:2,${dice.next(4) === 0 ? '' : 'S'}`)
    writeFileSync(path, `${headerOf(n, seconds, dice)}${bodyOf(n, dice)}`, { mode: 0o600 })
    utimesSync(path, seconds, seconds)
  }
}

function headerOf(n: number, seconds: number, dice: Dice): string {
  const date = new Date(1000 * seconds).toUTCString().replace('GMT', '+0000')
  const address = (): string => `"${dice.words(2)}" <u${dice.next(500)}@s${dice.next(50)}.example>`
  const isAnswer = n > 10 && dice.next(3) === 0
  return [
    `Return-Path: <u${dice.next(500)}@s.example>`,
    `Received: from relay.example (relay.example [192.0.2.${dice.next(250)}])`,
    `\tby mx.example with ESMTPS id ${n}.${dice.next(1e6)}; ${date}`,
    `From: ${address()}`,
    'To: box@example.org',
    `Cc: ${address()}, ${address()}`,
    `Subject: ${isAnswer ? 'Re: ' : ''}${dice.words(5)} ${n}`,
    `Date: ${date}`,
    `Message-ID: <${n}@s.example>`,
    ...(isAnswer ? [`References: <${n - 1 - dice.next(10)}@s.example>`, `In-Reply-To: <${n - 1}@s.example>`] : []),
    'MIME-Version: 1.0',
    '',
  ].join('\n')
}

function bodyOf(n: number, dice: Dice): string {
  const kind = dice.next(10)
  if (kind > 3) return `Content-Type: text/plain; charset=utf-8\n\n${dice.lines(5, 60)}`
  const [subtype, first, second] =
    kind > 0
      ? ['alternative', dice.lines(10, 20), `Content-Type: text/html; charset=utf-8\n\n<p>${dice.lines(10, 20)}</p>\n`]
      : ['mixed', dice.lines(6, 3), attachment(n)]
  const part = `--part${n}\n`
  const head = `Content-Type: multipart/${subtype}; boundary="part${n}"\n\n`
  return `${head}${part}Content-Type: text/plain; charset=utf-8\n\n${first}\n${part}${second}--part${n}--\n`
}

function attachment(n: number): string {
  const head = `Content-Type: application/pdf; name="f${n}.pdf"\nContent-Disposition: attachment; filename="f${n}.pdf"\n`
  return `${head}Content-Transfer-Encoding: base64\n\n${`${Buffer.alloc(57, n).toString('base64')}\n`.repeat(200)}`
}
