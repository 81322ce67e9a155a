/** The DTO classes of the HTTP API: validated input and documented output. Only the orchestrator imports this door at run time. */
export { AgentDto, AgentPageDto } from './agent.dto.js';
export { AuditEntryDto, AuditPageDto } from './audit-entry.dto.js';
export { CreateRunDto } from './create-run.dto.js';
export { decodeCursor, encodeCursor } from './cursor.js';
export { FileContentQueryDto, FileListQueryDto } from './file-query.dto.js';
export { FileDto, FilePageDto } from './file.dto.js';
export { IsMeshName } from './is-mesh-name.decorator.js';
export { LabelAgentDto } from './label-agent.dto.js';
export { OutputQueryDto } from './output-query.dto.js';
export { PageQueryDto } from './page-query.dto.js';
export { FieldFaultDto, ProblemDto } from './problem.dto.js';
export { RegisterAgentDto } from './register-agent.dto.js';
export { LateResultDto, RunDto, RunPageDto } from './run.dto.js';
export { RunQueryDto } from './run-query.dto.js';
export { CatalogueScriptDto, CatalogueScriptPageDto, ScriptDto, ScriptPageDto } from './script.dto.js';
export { HealthDto, StatusDto } from './status.dto.js';
export { WholeNumberQuery } from './whole-number-query.decorator.js';
