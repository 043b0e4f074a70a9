import switchwire from './index.js';

export const {
  Call, Calls, Conference, Connection, DialString, ERROR_CODES, ESLconnection, ESLevent, EVENT_TYPES, EslError, Event, Fleet, Job, Lease,
  ManagedConnection, Originate, Originating, Reply, Server, Subscription,
  connect, connectSync, createServer,
} = switchwire;
export default switchwire;
