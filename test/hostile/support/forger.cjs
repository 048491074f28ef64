// `node forger.cjs PID TEXT`: write a text where another process of the same account has its descriptor 2 (pidfd_getfd(2)).
const { writeSync } = require('node:fs')
const koffi = require('koffi')

const syscall = koffi.load(null).func('long syscall(long, long, long, long)')
const [, , pid, text] = process.argv
const fd = Number(syscall(438, Number(syscall(434, Number(pid), 0, 0)), 2, 0))
if (fd < 0) process.exit(1)
writeSync(fd, Buffer.from(text, 'latin1'))
