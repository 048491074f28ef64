/** How many recipients are found out about at once, and what becomes of answers that come late, twice, or not at all. */
import { recipientQuestions, recipientQuestionsPerNetwork } from '@yabumi/limits'
import type { Answer } from '@yabumi/recipient'
import t from 'tap'
import { Recipientd } from '../src/recipientd.ts'

/** Decides when it is told to. */
class Oracle {
  readonly asked: string[] = []
  readonly log: string[] = []
  readonly #pending = new Map<string, { resolve: (answer: Answer) => void; reject: (error: Error) => void }>()
  readonly recipientd = new Recipientd(
    (recipient) => {
      this.asked.push(recipient)
      return new Promise((resolve, reject) => this.#pending.set(recipient, { resolve, reject }))
    },
    async () => ({ foreign: undefined, own: 'joe@x.example' }),
    (line) => this.log.push(line),
  )

  say(recipient: string, verdict: Answer['verdict']): void {
    this.#pending.get(recipient)?.resolve({ verdict, because: '' })
  }

  fail(recipient: string): void {
    this.#pending.get(recipient)?.reject(new Error('a fault'))
  }

  ask(recipient: string, client = '192.0.2.1'): Promise<string> {
    return this.recipientd.answerOn(recipient, client).then(({ verdict }) => verdict)
  }
}

t.test('so many recipients are found out about for one network, and no more; others have their share', async (t) => {
  const oracle = new Oracle()
  for (let n = 0; n <= recipientQuestionsPerNetwork; n += 1) void oracle.ask(`r${n}`)
  t.equal(oracle.asked.length, recipientQuestionsPerNetwork)
  const other = oracle.ask('other', '192.0.2.2')
  t.equal(oracle.asked.at(-1), 'other')
  oracle.say('other', 'unknown')
  t.equal(await other, 'unknown')
  oracle.say('r0', 'unknown')
  t.equal(await oracle.ask('r0'), 'unknown')
  const next = oracle.ask('next')
  oracle.say('next', 'known')
  t.equal(await next, 'known', 'there is room again')
})

t.test('so many are found out about at once, and one more is uncertain, which the log says once a minute', async (t) => {
  const oracle = new Oracle()
  for (let n = 0; n < recipientQuestions; n += 1) void oracle.ask(`r${n}`, `192.0.2.${n}`)
  t.equal(oracle.asked.length, recipientQuestions)
  t.same(await Promise.all(['one', 'two'].map((more) => oracle.ask(more, '198.51.100.1'))), ['uncertain', 'uncertain'])
  t.equal(oracle.asked.length, recipientQuestions)
  t.same(oracle.log, ['one: too many recipients are asked for at once; its mail is taken without an answer'])
})

t.test('who asks for the same recipient at once, in whatever case, hears the same; it is found out once, and kept', async (t) => {
  const oracle = new Oracle()
  const both = [oracle.ask('Joe-X@a'), oracle.ask('joe-x@A', '192.0.2.2')]
  oracle.say('Joe-X@a', 'unknown')
  t.same(await Promise.all(both), ['unknown', 'unknown'])
  t.equal(await oracle.ask('JOE-X@a'), 'unknown')
  t.same(oracle.asked, ['Joe-X@a'])
})

t.test('trouble is uncertain and not kept; an answer that comes too late is uncertain, and kept', async (t) => {
  const oracle = new Oracle()
  const first = oracle.ask('a')
  oracle.fail('a')
  t.equal(await first, 'uncertain')
  const again = oracle.ask('a')
  oracle.say('a', 'unknown')
  t.equal(await again, 'unknown')
  t.equal(await oracle.ask('late'), 'uncertain')
  oracle.say('late', 'unknown')
  t.equal(await oracle.ask('late'), 'unknown')
  t.equal(oracle.asked.filter((each) => each === 'late').length, 1)
})
