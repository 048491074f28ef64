/**
 * System calls that Node does not offer. These are locks that exclude the C programs, who is at the other end of a Unix
 * socket, and descriptors sent over one. They are what happens in directories, pipes and duplicates for starting
 * programs, files in memory, and the local time zone. Linux only in their numbers.
 *
 * Every function throws an Error with the errno name in `code`, as node:fs does, unless it says otherwise.
 */

export { receiveDescriptor, sendDescriptor, socketPair } from './descriptors.ts'
export { boundSocket, type Endpoint, endpointsOf } from './endpoints.ts'
export { holderOf } from './holder.ts'
export { closeInheritedOnExec } from './inherited.ts'
export { type DirectoryEvent, openInotify, takeEvents, unwatchDirectory, watchDirectory } from './inotify.ts'
export { targetOf } from './link.ts'
export { lock, tryLock, unlock } from './lock.ts'
export { sealedFile } from './memory.ts'
export { isOnlyOpener } from './opener.ts'
export { peerOf } from './peer.ts'
export { readableOf } from './poll.ts'
export { duplicate, makeFifo, makePipe, rewind, widenPipe } from './process.ts'
export { closeAtOnce, copyDescriptor, descriptorOf, setNonBlocking } from './socket.ts'
export { openSyslog, type Priority, writeSyslog } from './syslog.ts'
export { zoneOffset } from './zone.ts'
