import switchwire from './index.js';

export const {
  Connection, ERROR_CODES, ESLconnection, ESLevent, EVENT_TYPES, EslError, Event, Job, Reply, Server, Subscription,
  connect, connectSync, createServer,
} = switchwire;
export default switchwire;
