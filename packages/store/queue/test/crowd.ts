import { queueConnections, queueConnectionsPerAccount, queueUserShare, queueUsersShare } from '@yabumi/limits'
import t from 'tap'
import { Crowd, type Guest } from '../src/crowd.ts'

const system = 7
const busy = (): Guest => ({ giveWay: () => false })

/** Let guests of an account in until one is refused. @returns how many had a place */
function fill(crowd: Crowd, uid: number, most: number): number {
  for (let n = 0; n < most; n += 1) if (crowd.admit(busy(), uid) !== undefined) return n
  return most
}

t.test('a user has a share, all users have half, and the rest is for accounts of the system', async (t) => {
  const crowd = new Crowd((uid) => uid === system)
  const share = Math.ceil(queueConnections * queueUserShare)
  t.equal(fill(crowd, 1_000, share + 1), share)
  t.equal(crowd.admit(busy(), 1_000), `uid 1000: refused, ${share} connections of uid 1000 are the limit`)
  let users = share
  for (let uid = 1_001; uid < 1_020; uid += 1) users += fill(crowd, uid, share)
  t.equal(users, Math.ceil(queueConnections * queueUsersShare))
  t.match(crowd.admit(busy(), 2_000), /^uid 2000: refused, \d+ connections of users are the limit$/)
  t.equal(fill(crowd, system, queueConnectionsPerAccount + 1), queueConnectionsPerAccount)
})

t.test('when the users have taken their half, one that rests gives way to an account that has fewer', async (t) => {
  const crowd = new Crowd(() => false)
  const share = Math.ceil(queueConnections * queueUserShare)
  const left: string[] = []
  const resting = (name: string): Guest => ({ giveWay: () => left.push(name) > 0 })
  t.equal(crowd.admit(resting('first'), 1_000), undefined)
  fill(crowd, 1_000, share - 1)
  for (let uid = 1_001; uid < 1_010; uid += 1) fill(crowd, uid, share)
  t.same(left, [])
  t.equal(crowd.admit(busy(), 2_000), undefined)
  t.same(left, ['first'])
  t.ok(crowd.admit(busy(), 2_001), 'nobody else rests')
})
