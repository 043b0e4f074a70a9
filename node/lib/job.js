'use strict';
// A command in the server's background (`bgapi`), whose end is a BACKGROUND_JOB event.

const { guarded } = require('./errors');
const { waitFor } = require('./mailbox');

class Job {
  #connection;
  #done;

  constructor(connection, uuid, reply, done) {
    this.uuid = uuid;
    this.reply = reply;
    this.#connection = connection;
    this.#done = done;
    // A job that nobody waits for may fail in silence.
    done.catch(() => {});
  }

  /** The job's BACKGROUND_JOB event. `timeout` in milliseconds; without one waits until the connection ends. */
  async wait({ timeout, signal } = {}) {
    guarded(() => this.#connection.checkJobs());
    return waitFor(this.#done, { ms: timeout, phase: 'job', what: 'the end of a background job', signal });
  }

  /** The command's output: the body of the job's event. */
  async result(options) {
    return (await this.wait(options)).body ?? '';
  }
}

module.exports = { Job };
