import { resultsFactBytes } from '@yabumi/limits'
import t from 'tap'
import { type Judgement, resultsFact, resultsField } from '../src/index.ts'

const judgement: Judgement = {
  spf: { result: 'pass', domain: 'example.com', identity: 'mailfrom' },
  dkim: [{ result: 'pass', domain: 'example.com', selector: 's1', algorithm: 'rsa-sha256', b: 'AbCd' }],
  arc: { result: 'none', sealers: [], results: [] },
  dmarc: { result: 'fail', domain: 'example.com', policy: 'quarantine', spfAligned: false, dkimAligned: false },
  author: { domain: 'example.com' },
  saysList: false,
  questions: 0,
}

t.test('what is done with a message stands beside what its author’s domain wants', async (t) => {
  t.match(resultsField('mx.example', judgement, 'quarantine'), /dmarc=fail \(p=quarantine dis=quarantine\)/)
  t.match(resultsField('mx.example', judgement, 'accept'), /dmarc=fail \(p=quarantine\)/)
})

t.test('the fact has the results as xtext, and of too many the first ones', async (t) => {
  t.match(resultsFact(resultsField('mx.example', judgement)), /^spf\+3Dpass\+20smtp\.mailfrom\+3Dexample\.com;\+20dkim/)
  const field = (bytes: number): string => `Authentication-Results: x;\n\ta=b;\n\t${'c'.repeat(bytes - 'a+3Db;+20'.length - '+20'.length)}`
  t.equal(resultsFact(field(resultsFactBytes)).length, resultsFactBytes)
  t.equal(resultsFact(field(resultsFactBytes + 1)), 'a+3Db;+20')
})
