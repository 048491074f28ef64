import fc from 'fast-check'
import t from 'tap'
import { Getopt } from '../src/index.ts'

function parse(letters: string, ...args: string[]): { seen: string[]; rest: string[]; complaint: string | undefined } {
  const options = new Getopt(args, letters)
  const seen: string[] = []
  for (let letter = options.next(); letter !== undefined; letter = options.next()) {
    seen.push(letters[letters.indexOf(letter) + 1] === ':' ? letter + options.argument : letter)
    if (letter === '?') break
  }
  return { seen, rest: options.rest(), complaint: options.complaint }
}

t.test('letters may be bundled and arguments attached or separate', async (t) => {
  t.match(parse('aAhHnNf:', '-nHfjoe', 'rest'), { seen: ['n', 'H', 'fjoe'], rest: ['rest'] })
  t.match(parse('nf:', '-f', 'joe', '-n', 'x', '-n'), { seen: ['fjoe', 'n'], rest: ['x', '-n'] })
  t.match(parse('f:', '-f', '-n'), { seen: ['f-n'], rest: [] })
  t.match(parse('f:', '-f', ''), { seen: ['f'], rest: [] })
})

t.test('options end at the first word, at -- and at -', async (t) => {
  t.match(parse('n', '-n', '--', '-n'), { seen: ['n'], rest: ['-n'] })
  t.match(parse('n', '-n', '-', '-n'), { seen: ['n'], rest: ['-', '-n'] })
  t.match(parse('n', 'x', '-n'), { seen: [], rest: ['x', '-n'] })
  t.match(parse('n'), { seen: [], rest: [] })
})

t.test('an unknown letter and a missing argument are complaints', async (t) => {
  t.match(parse('n', '-nx'), { seen: ['n', '?'], complaint: 'illegal option -- x' })
  t.match(parse('f:', '-f'), { seen: ['?'], complaint: 'option requires an argument -- f' })
  t.match(parse('f:', '-:'), { seen: ['?'], complaint: 'illegal option -- :' })
})

t.test('any words end, and lose nothing behind the options', async () => {
  const word = fc.string({ unit: fc.constantFrom('-', 'a', 'f', ':', 'x', ''), maxLength: 4 })
  fc.assert(
    fc.property(fc.array(word, { maxLength: 6 }), (args) => {
      const { rest } = parse('af:', ...args)
      return rest.every((value, index) => value === args[args.length - rest.length + index])
    }),
  )
})
