'use strict';
// A background job (`bgapi`), which ends with a BACKGROUND_JOB event.

const { guarded } = require('./errors');
const { waitFor } = require('./requests');

class Job {
  #connection;
  #done;

  constructor(connection, uuid, reply, done) {
    this.uuid = uuid;
    this.reply = reply;
    this.#connection = connection;
    this.#done = done;
    // If the program never waits for it, its failure is no unhandled rejection.
    done.catch(() => {});
  }

  /** The job's BACKGROUND_JOB event. `timeout` in milliseconds; without one waits until the connection ends. */
  async wait({ timeout, signal } = {}) {
    guarded(() => this.#connection.checkJobs());
    return waitFor(this.#done, { ms: timeout, phase: 'job', signal });
  }

  /** The command's output: the body of the job's event. */
  async result(options) {
    return (await this.wait(options)).body ?? '';
  }
}

module.exports = { Job };
