import t from 'tap'
import { cramMd5Digest, type ServerStep, startServer } from '../src/index.ts'

const terms = {
  verifierOf: (): never => {
    throw new Error('no SCRAM here')
  },
  binding: undefined,
  nonce: 'n',
  challenge: '<1896.697170952@postoffice.reston.mci.net>',
}

/** What comes of these responses, the last step. */
function after(name: string, ...responses: (string | undefined)[]): ServerStep | undefined {
  const server = startServer(name, terms)
  return responses.map((response) => server?.step(response)).at(-1)
}

t.test('PLAIN has two NULs, a name that may be logged, and a password', async (t) => {
  t.strictSame(after('PLAIN', undefined), { kind: 'challenge', text: '' })
  t.strictSame(after('PLAIN', undefined, '\0joe\0pass'), { kind: 'password', login: 'joe', password: 'pass' })
  t.strictSame(after('PLAIN', 'joe\0joe\0p w\xff'), { kind: 'password', login: 'joe', password: 'p w\xff' })
  t.match(after('PLAIN', 'root\0joe\0pass'), { kind: 'wrong', login: 'joe' })
  t.match(after('PLAIN', '\0joe\0'), { kind: 'wrong', why: 'an empty password' })
  for (const response of ['', 'joe', '\0joe', '\0joe\0pass\0', '\0\0pass', '\0j\r\noe\0pass', '\0joe\n\0pass', '\0\0\0\0']) {
    t.strictSame(after('PLAIN', response), { kind: 'malformed' }, JSON.stringify(response))
  }
})

t.test('LOGIN prompts as clients expect it, and takes the name with the command', async (t) => {
  t.strictSame(after('LOGIN', undefined), { kind: 'challenge', text: 'Username:' })
  t.strictSame(after('LOGIN', undefined, 'joe'), { kind: 'challenge', text: 'Password:' })
  t.strictSame(after('LOGIN', 'joe', 'pass'), { kind: 'password', login: 'joe', password: 'pass' })
  t.match(after('LOGIN', 'joe', ''), { kind: 'wrong', why: 'an empty password' })
  for (const responses of [[''], ['j\noe'], ['j\0'], ['joe', 'pa\0ss']]) t.strictSame(after('LOGIN', ...responses), { kind: 'malformed' })
})

t.test('CRAM-MD5 is that of RFC 2195, and begins with the server', async (t) => {
  t.strictSame(after('CRAM-MD5', undefined), { kind: 'challenge', text: terms.challenge })
  const digest = 'b913a602c7eda7a495b4e6e7334d3890'
  t.equal(cramMd5Digest('tanstaaftanstaaf', terms.challenge), digest)
  const claim = { kind: 'digest', login: 'tim', challenge: terms.challenge, digest }
  t.strictSame(after('CRAM-MD5', undefined, `tim ${digest}`), claim)
  t.strictSame(after('CRAM-MD5', undefined, `tim t ${digest}`), { ...claim, login: 'tim t' })
  for (const response of ['', 'tim', digest, ` ${digest}`, `tim ${digest}0`, `tim ${digest.toUpperCase()}`, `t\nim ${digest}`]) {
    t.strictSame(after('CRAM-MD5', undefined, response), { kind: 'malformed' }, JSON.stringify(response))
  }
})

t.test('a token comes with the name that it is for, and its refusal in two steps', async (t) => {
  const bearer = 'n,a=joe@example.org,\x01host=mail\x01port=587\x01auth=Bearer vF9dft4qmT=\x01\x01'
  t.match(after('OAUTHBEARER', bearer), {
    kind: 'token',
    login: 'joe@example.org',
    token: 'vF9dft4qmT=',
    refusal: /"status":"invalid_token"/,
  })
  t.match(after('OAUTHBEARER', bearer, '\x01'), { kind: 'wrong', login: 'joe@example.org' })
  t.match(after('XOAUTH2', 'user=joe\x01auth=Bearer ya29.x-_~+/\x01\x01'), { kind: 'token', login: 'joe', refusal: /"status":"401"/ })
  t.match(after('XOAUTH2', 'user=joe\x01auth=Bearer x\x01\x01', ''), { kind: 'wrong' })
  for (const response of [
    '',
    bearer.slice(0, -1),
    'n,,\x01auth=Bearer x\x01\x01',
    'n,a=joe,\x01auth=Basic x\x01\x01',
    'p=x,a=joe,\x01auth=Bearer x\x01\x01',
    'n,a=j\noe,\x01auth=Bearer x\x01\x01',
    'n,a=joe,\x01auth=Bearer \x01\x01',
    'n,a=joe,\x01auth=Bearer x y\x01\x01',
  ]) {
    t.strictSame(after('OAUTHBEARER', response), { kind: 'malformed' }, JSON.stringify(response))
  }
})

t.test('there is no mechanism of another name', async (t) => {
  for (const name of ['', 'plain', 'GSSAPI', 'toString', '__proto__', 'SCRAM-SHA-1-PLUS'])
    t.equal(startServer(name, terms), undefined, name)
})
