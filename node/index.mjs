import switchwire from './index.js';

export const {
  Call, Connection, DialString, ERROR_CODES, ESLconnection, ESLevent, EVENT_TYPES, EslError, Event, Job, Originate, Originating, Reply, Server, Subscription,
  connect, connectSync, createServer,
} = switchwire;
export default switchwire;
