/** rspawn that is told to leave while deliveries are under way. */
import t from 'tap'
import { manners, startHost } from '../../../../test/support/host.ts'
import { until } from '../../../../test/support/wait.ts'
import { Driver, text } from './support/driver.ts'

t.test('deliveries that end before stoptime end rspawn, which waits for nothing else', async (t) => {
  let asked = false
  const reply = Promise.withResolvers<string>()
  const session = manners((line) => {
    if (line !== '.') return undefined
    asked = true
    return reply.promise
  })
  const host = await startHost(session, '127.0.0.2')
  t.teardown(() => host.close())
  const driver = new Driver(t, { stoptime: '3600\n', smtproutes: `:127.0.0.2:${host.port}\n` })
  driver.write(1, text)
  const delivered = driver.deliver({ to: 'user@h.example' })
  await until('the host has the message', () => asked)
  driver.control('stoptime', 'soon\n') // is named when it is read: when rspawn has heard that nothing new comes
  let isGone = false
  const ended = driver.end().then((code) => {
    isGone = true
    return code
  })
  t.teardown(() => !isGone && process.kill(driver.pid, 'SIGKILL'))
  await until('rspawn has heard of its end', () => driver.log.includes('3600 still counts'))
  reply.resolve('250 taken')
  t.match(await delivered, [/^K.* taken/s])
  await until('rspawn has ended', () => isGone)
  t.equal(await ended, 0)
})
