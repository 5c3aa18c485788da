import {
  coerceInputValue,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  typeFromAST,
  type GraphQLError,
  type GraphQLInputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { badInput, type InputPath } from '../errors';
import { MAX_ERRORS, toGraphQLError } from './format-error';

/**
 * What is wrong with the variables of a request, in our own words: graphql-js repeats the value in its messages and
 * suggests names, and neither may leave the server (security.md rule 17). Only called when coercion failed.
 */
export function listVariableFaults(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): GraphQLError[] {
  const faults: GraphQLError[] = [];
  for (const { variable, type: typeNode, defaultValue } of variableDefinitions) {
    const name = variable.name.value;
    const type = typeFromAST(schema, typeNode);
    if (!isInputType(type)) continue;
    if (Object.hasOwn(variables, name)) faults.push(...listValueFaults(name, variables[name], type));
    else if (isNonNullType(type) && !defaultValue) faults.push(toFault('A value is needed.', [name]));
    if (faults.length >= MAX_ERRORS) break;
  }
  return faults.slice(0, MAX_ERRORS);
}

/** Ends the coercion of a value in which enough faults were found: a list may hold a hundred thousand. */
const ENOUGH = new Error('Enough faults were found.');

function listValueFaults(name: string, value: unknown, type: GraphQLInputType): GraphQLError[] {
  const faults: GraphQLError[] = [];
  try {
    const onFault: Parameters<typeof coerceInputValue>[2] = (path, found, { message }) => {
      faults.push(
        toFault(describeFault({ type: typeAt(type, path), value: found, message }), [name, ...path]),
      );
      if (faults.length >= MAX_ERRORS) throw ENOUGH;
    };
    coerceInputValue(value, type, onFault, true);
  } catch (thrown) {
    if (thrown !== ENOUGH) throw thrown;
  }
  return faults;
}

function toFault(message: string, path: InputPath): GraphQLError {
  return toGraphQLError(badInput(message, path));
}

interface Fault {
  readonly type: GraphQLInputType;
  readonly value: unknown;
  /** In graphql-js's words. */
  readonly message: string;
}

function describeFault({ type, value, message }: Fault): string {
  const named = getNullableType(type);
  if (value === null || value === undefined)
    return `A value of type ${named.toString()} is needed, not null.`;
  if (isInputObjectType(named)) {
    const missing = /^Field "(\w+)" of required type /.exec(message)?.[1];
    if (missing) return `The field ${missing} of ${named.name} is needed.`;
    if (/^Field ".*" is not defined by type /s.test(message))
      return `There is a field that ${named.name} does not have.`;
  }
  return `This must be of type ${named.toString()}.`;
}

/** The type of the value at a path below a variable. */
function typeAt(type: GraphQLInputType, path: InputPath): GraphQLInputType {
  let current = type;
  for (const step of path) {
    const nullable = getNullableType(current);
    if (isListType(nullable) && typeof step === 'number') current = nullable.ofType;
    else {
      const object = getNamedType(nullable);
      current = (isInputObjectType(object) ? object.getFields()[step]?.type : undefined) ?? nullable;
    }
  }
  return current;
}
