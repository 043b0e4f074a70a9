import vocabulary from './vocabulary.js';

export const {
  ANSWER_STATES, CALL_DIRECTIONS, CALL_STATES, CHANNEL_STATES, HANGUP_CAUSES, HEADERS, MEANINGS, SAY_GENDERS, SAY_METHODS, SAY_TYPES,
  VARIABLES,
} = vocabulary;
export default vocabulary;
