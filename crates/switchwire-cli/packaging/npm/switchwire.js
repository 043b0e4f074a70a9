#!/usr/bin/env node
// Runs the program of this platform's package: its terminal, its pipes, its exit code, its signals.
'use strict'

const { spawn } = require('node:child_process')
const { constants } = require('node:os')
const { isatty } = require('node:tty')

const glibc = () => Boolean(process.report.getReport().header.glibcVersionRuntime)
const libc = process.platform === 'linux' ? (glibc() ? '-gnu' : '-musl') : ''
const name = `switchwire-cli-${process.platform}-${process.arch}${libc}`

let program
try {
  program = require.resolve(`${name}/switchwire`)
} catch {
  console.error(`switchwire: the package ${name} is not installed: npm leaves it out with --omit=optional, and there is none \
for every platform. cargo install switchwire-cli builds the program.`)
  process.exit(1)
}

const child = spawn(program, process.argv.slice(2), { stdio: 'inherit', argv0: 'switchwire' })
// A terminal's Ctrl-C and Ctrl-Z reach the program by themselves; what is sent to this process alone is passed on.
// (Touching process.stdin would make the program's stdin non-blocking.)
for (const signal of ['SIGINT', 'SIGTSTP', 'SIGTERM', 'SIGHUP']) {
  const ofTerminal = isatty(0) && (signal === 'SIGINT' || signal === 'SIGTSTP')
  process.on(signal, () => ofTerminal || child.kill(signal))
}
child.on('error', (error) => {
  console.error(`switchwire: cannot run ${program}: ${error.message}`)
  process.exit(1)
})
child.on('exit', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : code))
