import { Home } from './rig/home.ts'
import { Send } from './rig/send.ts'
const home = new Home({ locals: 'me.test\n' })
const send = new Send(home)
await send.logged(/^status/)
home.submit({ sender: 'a@me.test', recipients: ['joe@me.test'] })
console.log(await send.deliver('local','K','no\n'))
await send.logged(/end msg/)
await new Promise(r=>setTimeout(r,300))
setTimeout(()=>{send.child.kill("SIGTERM")},1000)
setTimeout(()=>{send.child.kill("SIGKILL")},4000)
console.log(await send.ended())
console.log(send.log, home.files(), send.cleaned)
home.remove()
