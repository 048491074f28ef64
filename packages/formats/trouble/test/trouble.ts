import t from 'tap'
import { errnoOf, errorText, exitCode, isTemporary, Trouble } from '../src/index.ts'

function failed(code: string): Error {
  return Object.assign(new Error(`${code}: the system's own words`), { code })
}

t.test('exitCode is 100 only for trouble whose status begins with 5', async (t) => {
  t.equal(exitCode(new Trouble('5.1.1', 'no such mailbox')), 100)
  t.equal(exitCode(new Trouble('4.3.0', 'disk full')), 111)
  t.equal(exitCode(new TypeError('a bug of ours')), 111)
  t.equal(exitCode('a thrown string'), 111)
  t.equal(exitCode(undefined), 111)
})

t.test('Trouble keeps its status, its words and its cause', async (t) => {
  const cause = failed('ENOSPC')
  const trouble = new Trouble('4.3.1', 'Cannot write mess/0/23', { cause })
  t.match(trouble, { name: 'Trouble', status: '4.3.1', message: 'Cannot write mess/0/23', cause })
})

t.test('errnoOf knows system errors by their names and nothing else', async (t) => {
  t.equal(errnoOf(failed('ENOENT')), 'ENOENT')
  t.equal(errnoOf(failed('ERR_INVALID_ARG_TYPE')), undefined)
  t.equal(errnoOf(new Error('plain')), undefined)
  t.equal(errnoOf({ code: 'ENOENT' }), undefined)
})

t.test('isTemporary follows the list of the specification', async (t) => {
  for (const code of ['ENOSPC', 'EIO', 'EMFILE', 'ENFILE', 'EDQUOT', 'ECONNREFUSED', 'ETXTBSY'])
    t.equal(isTemporary(failed(code)), true, code)
  for (const code of ['ENOENT', 'EACCES', 'EPERM', 'EISDIR', 'ELOOP']) t.equal(isTemporary(failed(code)), false, code)
  t.equal(isTemporary(new Error('no errno at all')), false)
})

t.test("errorText says what the reference programs say, or the error's own words", async (t) => {
  t.equal(errorText(failed('ENOENT')), 'file does not exist')
  t.equal(errorText(failed('EACCES')), 'access denied')
  t.equal(errorText(failed('EPROTO')), 'EPROTO')
  t.equal(errorText(new Error('queue record is cut short')), 'queue record is cut short')
  t.equal(errorText(7), '7')
})
