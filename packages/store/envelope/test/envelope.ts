import fc from 'fast-check'
import t from 'tap'
import { decodeTodo, encodeEnvelope } from '../src/index.ts'

t.test('encodeEnvelope writes what queue reads from descriptor 1', async (t) => {
  t.equal(encodeEnvelope({ sender: 's@x', recipients: ['a', 'b\xe9@y'] }).toString('latin1'), 'Fs@x\0Ta\0Tb\xe9@y\0\0')
  t.equal(encodeEnvelope({ sender: '', recipients: [] }).toString('latin1'), 'F\0\0')
})

t.test('decodeTodo takes records in any order', async (t) => {
  t.same(decodeTodo(Buffer.from('u7\0p99\0Fs@x\0Ta\0Tb\0')), { uid: '7', pid: '99', sender: 's@x', recipients: ['a', 'b'] })
  t.same(decodeTodo(Buffer.from('Tb\0Ta\0Fs\0p1\0u0\0')), { uid: '0', pid: '1', sender: 's', recipients: ['b', 'a'] })
})

t.test('decodeTodo refuses unknown letters and records cut short', async (t) => {
  for (const text of ['Fs\0Xy\0', 'Fs\0Tr', '\0', 'F']) t.throws(() => decodeTodo(Buffer.from(text)), { name: 'Trouble', status: '4.3.0' })
})

t.test('decodeTodo reads any bytes or refuses them as Trouble', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      try {
        return Array.isArray(decodeTodo(Buffer.from(bytes)).recipients)
      } catch (error) {
        return error instanceof Error && error.name === 'Trouble'
      }
    }),
    { seed: 20261122 },
  )
  t.pass()
})
