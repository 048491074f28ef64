import t from 'tap'
import { dateAndTime, headerDate, localHeaderDate, mboxDate, nowSeconds, stamp } from '../src/index.ts'

const birthday = Date.UTC(1999, 5, 5, 4, 27, 45) / 1000 // a Saturday with a one-digit day

t.test('header dates have a day without padding, two-digit times and UTC as -0000', async (t) => {
  t.equal(headerDate(birthday), '5 Jun 1999 04:27:45 -0000')
  t.equal(headerDate(0), '1 Jan 1970 00:00:00 -0000')
  t.equal(headerDate(birthday), '5 Jun 1999 04:27:45 -0000', 'also when another second was asked for in between')
})

t.test('dateAndTime is the same without the zone', async (t) => {
  t.equal(dateAndTime(birthday), '5 Jun 1999 04:27:45')
})

t.test('a local date shows the clock and the offset of its zone', async (t) => {
  t.equal(localHeaderDate(birthday, 0), '5 Jun 1999 04:27:45 +0000')
  t.equal(localHeaderDate(birthday, -5 * 3600), '4 Jun 1999 23:27:45 -0500')
  t.equal(localHeaderDate(birthday, 5.75 * 3600), '5 Jun 1999 10:12:45 +0545')
  t.equal(localHeaderDate(birthday, -30 * 60), '5 Jun 1999 03:57:45 -0030')
})

t.test('mbox dates pad the day with a zero', async (t) => {
  t.equal(mboxDate(birthday), 'Sat Jun 05 04:27:45 1999')
})

t.test('stamps are fourteen digits', async (t) => {
  t.equal(stamp(birthday), '19990605042745')
})

t.test('the local time zone does not matter', async (t) => {
  const zone = process.env['TZ']
  t.teardown(() => {
    if (zone === undefined) delete process.env['TZ']
    else process.env['TZ'] = zone
  })
  process.env['TZ'] = 'Asia/Tokyo'
  t.equal(headerDate(birthday + 1), '5 Jun 1999 04:27:46 -0000')
  t.equal(mboxDate(birthday), 'Sat Jun 05 04:27:45 1999')
})

t.test('nowSeconds is a whole number of this second', async (t) => {
  const before = Math.floor(Date.now() / 1000)
  const now = nowSeconds()
  t.ok(Number.isInteger(now) && now >= before && now <= Date.now() / 1000)
})

t.test('times beyond 2038 are dates like any other', async (t) => {
  t.equal(headerDate(2 ** 32), '7 Feb 2106 06:28:16 -0000')
})
