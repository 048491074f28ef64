import t from 'tap'
import { bestMechanism, cramMd5Digest, startClient, startServer } from '../src/index.ts'
import { ScramClient } from '../src/scramclient.ts'

const joe = { login: 'joe', secret: 'pencil' }
const open = { hasBinding: false, isPrivate: false, isToken: false }
const all = ['XOAUTH2', 'CRAM-MD5', 'LOGIN', 'PLAIN', 'SCRAM-SHA-1', 'SCRAM-SHA-256', 'SCRAM-SHA-256-PLUS', 'OAUTHBEARER', 'GSSAPI']

t.test('a client takes the best mechanism, and shows no password where others read along', async (t) => {
  t.equal(bestMechanism(all, { hasBinding: true, isPrivate: true, isToken: false }), 'SCRAM-SHA-256-PLUS')
  t.equal(bestMechanism(all, { ...open, isPrivate: true }), 'SCRAM-SHA-256')
  t.equal(bestMechanism(['LOGIN', 'PLAIN', 'CRAM-MD5'], { ...open, isPrivate: true }), 'PLAIN')
  t.equal(bestMechanism(['LOGIN', 'CRAM-MD5'], { ...open, isPrivate: true }), 'LOGIN')
  t.equal(bestMechanism(['LOGIN', 'PLAIN', 'CRAM-MD5'], open), 'CRAM-MD5')
  t.equal(bestMechanism(['LOGIN', 'PLAIN', 'GSSAPI'], open), undefined)
  t.equal(bestMechanism(['SCRAM-SHA-256-PLUS'], { ...open, isPrivate: true }), undefined)
  t.equal(bestMechanism(all, { hasBinding: true, isPrivate: true, isToken: true }), 'OAUTHBEARER')
  t.equal(bestMechanism(all, { ...open, isToken: true }), undefined)
})

t.test('a client says what its server understands', async (t) => {
  const terms = { verifierOf: () => t.fail('no SCRAM here') as never, binding: undefined, nonce: 'n', challenge: '<1@here>' }
  const token = { login: 'jo,e=', secret: 'abc.def' }
  const expected: Record<string, object> = {
    PLAIN: { kind: 'password', login: 'joe', password: 'pencil' },
    LOGIN: { kind: 'password', login: 'joe', password: 'pencil' },
    'CRAM-MD5': { kind: 'digest', login: 'joe', challenge: '<1@here>', digest: cramMd5Digest('pencil', '<1@here>') },
    OAUTHBEARER: { kind: 'token', login: 'jo,e=', token: 'abc.def' },
    XOAUTH2: { kind: 'token', login: 'jo,e=', token: 'abc.def' },
  }
  for (const [name, claim] of Object.entries(expected)) {
    const client = startClient(name, name.includes('OAUTH') ? token : joe, undefined)
    const server = startServer(name, terms)
    let step = server?.step(client.initial)
    while (step?.kind === 'challenge') step = server?.step(await client.respond(step.text))
    t.match(step, claim, name)
    t.ok(client.mayBelieve)
  }
  t.throws(() => startClient('GSSAPI', joe, undefined), RangeError)
})

t.test('a client of SCRAM calculates for no server that asks too little or too much, or answers somebody else', async (t) => {
  const client = (): ScramClient => new ScramClient('sha256', false, joe, undefined, 'mine')
  t.match(await client().respond('r=mineTheirs,s=YWJj,i=4096'), /^c=biws,r=mineTheirs,p=/)
  t.match(await client().respond('r=mineTheirs,s=YWJj,i=1000000'), /^c=biws/)
  for (const first of [
    'r=mineTheirs,s=YWJj,i=4095',
    'r=mineTheirs,s=YWJj,i=1000001',
    'r=mine,s=YWJj,i=4096',
    'r=yours,s=YWJj,i=4096',
    'r=mineX,s=Y,i=4096',
    '',
    'm=x,r=mineX,s=YWJj,i=4096',
    'e=other-error',
  ]) {
    t.equal(await client().respond(first), undefined, first)
  }
})

t.test('a client of SCRAM believes no server that does not know the password', async (t) => {
  const client = new ScramClient('sha256', false, { login: 'user', secret: 'pencil' }, undefined, 'rOprNGfwEbeRWgbNEkqO')
  const first = 'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096'
  t.match(await client.respond(first), /p=dHzbZapWIk4jUhN\+Ute9ytag9zjfMHgsqmmiz7AndVQ=$/)
  t.notOk(client.mayBelieve, 'not before the server has shown it')
  for (const wrong of ['v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G5=', 'v=', 'e=invalid-proof', '']) {
    t.equal(await client.respond(wrong), undefined, wrong)
    t.notOk(client.mayBelieve, wrong)
  }
  t.equal(await client.respond('v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4='), '')
  t.ok(client.mayBelieve)
})
