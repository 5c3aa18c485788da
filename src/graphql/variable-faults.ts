import {
  coerceInputValue,
  getNamedType,
  getNullableType,
  GraphQLError,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  typeFromAST,
  type GraphQLInputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { badInput, type InputPath } from '../errors';

const MAX_FAULTS = 10;

/**
 * What is wrong with the variables of a request, in our own words: graphql-js repeats the value in its messages and
 * suggests names, and neither may leave the server (security.md rule 17). Only called when coercion failed.
 */
export function listVariableFaults(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): GraphQLError[] {
  const faults: GraphQLError[] = [];
  for (const { variable, type: typeNode, defaultValue } of operation.variableDefinitions ?? []) {
    const name = variable.name.value;
    const type = typeFromAST(schema, typeNode);
    if (!isInputType(type)) continue;
    if (variables[name] === undefined) {
      if (isNonNullType(type) && !defaultValue) faults.push(toFault('A value is needed.', [name]));
      continue;
    }
    coerceInputValue(variables[name], type, (path, value) => {
      faults.push(toFault(describeFault(typeAt(type, path), value), [name, ...path]));
    });
  }
  return faults.slice(0, MAX_FAULTS);
}

function toFault(message: string, path: InputPath): GraphQLError {
  const error = badInput(message, path);
  return new GraphQLError(error.message, { originalError: error });
}

function describeFault(type: GraphQLInputType, value: unknown): string {
  const named = getNullableType(type);
  if (value === null || value === undefined)
    return `A value of type ${named.toString()} is needed, not null.`;
  if (isInputObjectType(named) && typeof value === 'object') {
    const missing = Object.values(named.getFields()).find(
      (field) =>
        isNonNullType(field.type) && field.defaultValue === undefined && !Object.hasOwn(value, field.name),
    );
    if (missing) return `The field ${missing.name} of ${named.name} is needed.`;
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
