// A call on the simulator: the program under test has its connection, the test is the far end.
import { EventEmitter, once } from 'node:events';
import { connect, createServer } from 'switchwire';
import { Simulator } from 'switchwire/testing';
import './index.mjs';

/** Runs `handler` on the connection of a call, and beside it `farEnd`; gives what `handler` returns. */
export async function withCall(handler, farEnd = async () => {}, { options = 'async full', prepare = () => {} } = {}) {
  const sim = new Simulator();
  prepare(sim);
  const control = await connect(sim.target);
  await control.subscribe('CHANNEL_EXECUTE', 'CHANNEL_BRIDGE', 'CHANNEL_HANGUP_COMPLETE', 'DTMF');
  await control.subscribe('CHANNEL_HOLD', 'CHANNEL_UNHOLD', 'MEDIA_BUG_START', 'MEDIA_BUG_STOP');
  const ended = new EventEmitter();
  const server = createServer(async (connection) => {
    try {
      ended.emit('end', { result: await handler(connection) });
    } catch (error) {
      ended.emit('end', { error });
    }
  }).listen(0);
  try {
    const uuid = await control.api('create_uuid');
    const end = once(ended, 'end');
    await control.api('bgapi', `originate {origination_uuid=${uuid}}null/far '&socket(127.0.0.1:${server.port} ${options})'`);
    const far = new FarEnd(control, uuid);
    const [[{ result, error }]] = await Promise.all([end, farEnd(far)]);
    if (error) throw error;
    return result;
  } finally {
    await server.close({ timeout: 0 });
    await control.close();
    sim.close();
  }
}

class FarEnd {
  #events;

  constructor(control, uuid) {
    this.control = control;
    this.uuid = uuid;
    this.#events = control.events();
    /** All of them, as they come. */
    this.events = this.#events;
  }

  /** Waits for that event of the call. */
  async wait(type, application = null) {
    for (;;) {
      const { value: event, done } = await this.#events.next();
      if (done) throw new Error(`the connection ended before ${type} ${application}`);
      if (event.uuid === this.uuid && event.type === type && (application === null || event.get('Application') === application)) return event;
    }
  }

  /** Presses keys once the application runs. */
  async press(application, digits) {
    await this.wait('CHANNEL_EXECUTE', application);
    await this.control.api('uuid_recv_dtmf', `${this.uuid} ${digits}`);
  }

  async kill(cause = 'NORMAL_CLEARING', uuid = this.uuid) {
    await this.control.api('uuid_kill', `${uuid} ${cause}`);
  }
}
