/** `hoarder FILE PROGRAM ARGUMENT ...`: become the program, with the file and a socket open on many descriptors. */
import { openSync } from 'node:fs'
import { becomeProgram } from '@yabumi/child'
import { duplicate, socketPair } from '@yabumi/posix'

const [path = '', file = '', ...args] = process.argv.slice(2)
const held = openSync(path, 'r')
const [socket] = socketPair()
for (let place = 5; place < 16; place += 1) duplicate(place % 2 === 0 ? held : socket, place)
for (let place = 60; place <= 200; place += 7) duplicate(place % 2 === 0 ? held : socket, place)
for (const [from, to] of [
  [3, 300],
  [300, 3],
] as const)
  duplicate(from, to) // readiness, which Node has marked to be closed
const env = Object.entries(process.env).map(([name, value = '']): [string, string] => [name, value])
throw new Error(`unable to run ${becomeProgram({ file, args, env })}`)
