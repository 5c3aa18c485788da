import { ApiError, unavailable } from '../errors';
import { warnNowAndThen, type Logger } from '../log';
import { isConflict, isConnectionFault, isDataFault, isStatementTimeout } from './faults';

/** What anything that was thrown becomes for the caller: an ApiError stays, the rest is masked and logged. */
export function toApiError(error: unknown, { requestId, log }: { requestId: string; log: Logger }): ApiError {
  if (error instanceof ApiError) {
    if (error.cause !== undefined) logCause(error, { requestId, log });
    return error;
  }
  if (isConnectionFault(error)) {
    warnNowAndThen(log, { requestId, err: error }, 'the database is away');
    return unavailable('The database cannot be reached now. Try again.', error);
  }
  if (isConflict(error)) {
    warnNowAndThen(log, { requestId, err: error }, 'too many conflicts');
    return unavailable('Others are changing the same data. Try again.', error);
  }
  if (isStatementTimeout(error)) {
    warnNowAndThen(log, { requestId, err: error }, 'statement timeout');
    return new ApiError('QUERY_TIMEOUT', 'The query took too long.', { cause: error });
  }
  log.error({ requestId, err: error }, 'unexpected error');
  return new ApiError('INTERNAL_SERVER_ERROR', 'Something went wrong on our side.', {
    details: { requestId },
  });
}

/** What the caller did wrong is the caller's business; what we could not do is ours, and so is a gap in the input rules. */
function logCause(
  { code, status, cause }: ApiError,
  { requestId, log }: { requestId: string; log: Logger },
): void {
  const facts = { requestId, code, err: cause };
  if (isDataFault(cause)) log.error(facts, 'the database refused what the input rules let through');
  else if (status >= 500) warnNowAndThen(log, facts, 'could not be done now');
  else log.debug(facts, 'refused');
}
