-- What the plugin and the server say to each other beyond plain LSP: the types of `docs/protocol.md`, one to one, and
-- its error codes. Lines count from 0, characters in units of the negotiated encoding; tokens are the provider's;
-- money is US dollars, nil where it isn't known (never 0 for unknown). A JSON null is nil here. Never here: anything
-- that runs.

local M = {}

M.INVALID = -32602
M.NOT_POSSIBLE = -32803
M.CANCELLED = -32800

---@alias moa.Uri string

---@class moa.Position
---@field line integer
---@field character integer

---@class moa.Range
---@field start moa.Position
---@field end moa.Position

---@class moa.Usage
---@field inputTokens? integer
---@field cachedTokens? integer
---@field outputTokens? integer
---@field costUsd? number
---@field knownCostUsd number What is known of the cost: "at least", where `costUsd` is nil

---@alias moa.Seat "aggregator"|"arbiter"

---@class moa.Architect
---@field name string
---@field model string
---@field role? string A role of the library by its name, or words
---@field dropped boolean
---@field added? boolean
---@field seat? moa.Seat What it is there for; left out: an architect
---@field paths? string[] Globs of the files it cares about; nil: all

---@class moa.Failure
---@field kind string
---@field message string

---@alias moa.RunStatus "running"|"done"|"failed"|"cancelled"

---@class moa.Repair
---@field status moa.RunStatus
---@field text string
---@field usage moa.Usage
---@field seconds number
---@field error? moa.Failure

---@class moa.Turn
---@field number? integer From 1 within its round
---@field retries? integer The number of the turn in whose place this one was asked
---@field architect string
---@field model string
---@field stage? string The part of the round in which it was asked; empty in a plain round
---@field step? integer Held stages count from 1; the turns of one step belong together
---@field parallel? boolean Whether those of its step were asked side by side
---@field status moa.RunStatus
---@field text string
---@field proposal? string
---@field change? moa.Change
---@field usage moa.Usage
---@field seconds number
---@field notes? string[]
---@field stances? moa.Stance[] What it says of others' proposals
---@field questions? moa.Question[] What it asks the user
---@field gaveUp? moa.GivenUp[]
---@field steps? moa.ProposedStep[]
---@field repair? moa.Repair
---@field error? moa.Failure

---@alias moa.Attitude "support"|"amend"|"object"

---@class moa.Stance What an architect says of another's proposal, or of a part of it
---@field kind moa.Attitude
---@field architect string Whom it is about
---@field target string The part as it was named: "" (all of it), "2", "edit 1", "api.py:12"
---@field reason string
---@field change? string
---@field hunks string[] Those that it is about; none where it is about words only

---@class moa.Question
---@field number integer From 1 within its turn
---@field text string
---@field choices string[] Other answers may be given, too
---@field answer? string

---@class moa.GivenUp Own edits that could be placed, given up for another's that it had seen
---@field to string
---@field change string
---@field hunks string[]

---@class moa.ProposedStep
---@field number integer
---@field text string
---@field hunks string[]

---@class moa.LeftOut
---@field path string
---@field reason string

---@class moa.Stage A part of a round that is about to be held, or would be
---@field step? integer stageStarted
---@field stage string
---@field architects string[] Their names, in speaking order
---@field parallel boolean

---@class moa.Round
---@field discussion string
---@field number integer
---@field message string
---@field preset? string By which it was held
---@field notes? string[] Sentences: who wasn't asked and why, why it ended before its time
---@field heard? moa.Heard What only the events said; never on the wire
---@field turns moa.Turn[]
---@field usage moa.Usage
---@field seconds number
---@field files? string[]
---@field leftOut? moa.LeftOut[]

---@class moa.Coding
---@field discussion string
---@field number integer
---@field afterRound integer
---@field message string
---@field model string
---@field status moa.RunStatus
---@field text string
---@field change? moa.Change
---@field usage moa.Usage
---@field seconds number
---@field composed? boolean Whether it was put together of hunks, without a model
---@field repair? moa.Repair
---@field error? moa.Failure

---@class moa.Heard What the events of a round say of it beyond what is stored
---@field stages table<integer, moa.Stage> By step, those that began
---@field noted integer[] Behind so many turns each of the notes came

---@class moa.Discussion
---@field id string
---@field title string
---@field created string ISO 8601 in UTC
---@field architects moa.Architect[]
---@field rounds? moa.Round[]
---@field codings? moa.Coding[]
---@field decisions? moa.Decision[] What the user settled, in order; with rounds only
---@field usage moa.Usage
---@field current? boolean
---@field running? boolean
---@field folder? moa.Uri
---@field preset? string The one in force here
---@field shape? string Who is asked when, in one short line

---@alias moa.HunkStatus "pending"|"applied"|"rejected"|"stale"
---@alias moa.ChangeStatus "pending"|"applied"|"partly-applied"|"rejected"|"stale"
---@alias moa.FileKind "edit"|"create"|"delete"|"rename"

---@alias moa.Stand "contested"|"agreed"|"alone"|"settled"
---@alias moa.Settled "taken"|"against"

---@class moa.HunkView What an architect thinks of another's edit
---@field architect string
---@field kind moa.Attitude
---@field reason string
---@field round integer
---@field turn integer

---@class moa.Hunk
---@field id string
---@field range moa.Range Whole lines, in the document as it is now
---@field newText string
---@field status moa.HunkStatus
---@field sources string[] Everybody whose proposal of it stands
---@field oldLines? integer How many lines it takes away, or took
---@field stand? moa.Stand Nil where it isn't an architect's, or isn't open and was never contested
---@field settled? moa.Settled
---@field views? moa.HunkView[] The newest of each architect
---@field replyLines? integer[] The lines at which its blocks begin: of a turn's `proposal`, and of a coding's `text`

---@class moa.FileChange
---@field uri moa.Uri
---@field kind moa.FileKind
---@field newUri? moa.Uri
---@field version? integer
---@field hunks moa.Hunk[]

---@class moa.Problem
---@field message string
---@field file? string
---@field hint? string
---@field notice? boolean About an edit that was placed: what to look at before applying it
---@field replyLine? integer
---@field near? {start: integer, end: integer}

---@class moa.Change
---@field id string
---@field discussion string
---@field source string An architect's name, `editor`, or `composed`
---@field title string
---@field status moa.ChangeStatus
---@field files moa.FileChange[]
---@field diff string
---@field problems moa.Problem[]
---@field reasons? string[]

---@class moa.Disagreement Where the architects' pending changes differ, and where not
---@field discussion string
---@field architects string[]
---@field regions moa.Region[] In the order of files and lines
---@field counts table<moa.Stand, integer>

---@class moa.Region
---@field id string That of one of its hunks
---@field uri moa.Uri
---@field range moa.Range Whole lines; of an insertion an empty one
---@field stand moa.Stand
---@field message string A sentence for people
---@field alternatives moa.Alternative[]
---@field hunks? string[] The ids of all its hunks, also of those that say the same as another
---@field views moa.RegionView[]

---@class moa.Alternative
---@field architects string[] Who propose it
---@field supporters string[]
---@field hunks {change: string, hunk: string}[]
---@field summary string "replace 2 lines by 4 lines: def get…"
---@field reason string May be empty
---@field newText string
---@field settled? moa.Settled

---@class moa.RegionView
---@field architect string
---@field kind moa.Attitude
---@field reason string
---@field alternative integer From 0

---@class moa.Decision
---@field number integer
---@field afterRound integer
---@field kind "taken"|"left"|"reopened"|"answered"|"composed"
---@field text string A sentence for people

---@class moa.Plan
---@field discussion string
---@field steps moa.PlanStep[]
---@field edited boolean Whether it is the user's version
---@field free boolean Whether a `/code` without a message would ask nobody now
---@field markdown string

---@class moa.PlanStep
---@field id string
---@field text string
---@field architects string[]
---@field hunks string[]
---@field stand "open"|"settled"|"contested"|"struck"
---@field added? boolean
---@field edited? boolean

---@class moa.Conflict Two hunks that can't stand together
---@field hunks string[]
---@field reason string

---@class moa.PreviewFile
---@field uri moa.Uri
---@field newUri? moa.Uri
---@field kind moa.FileKind
---@field before? string The text now; nil where there is no such file
---@field after? string The text with the file's pending hunks applied; nil where it would be gone
---@field hunks {id: string, start: integer, end: integer}[] The lines of `after` (end excluded) of each pending hunk's new text

---@class moa.Preview
---@field change string
---@field files moa.PreviewFile[]

---@class moa.Checkpoint
---@field id string
---@field created string
---@field title string
---@field change? string
---@field discussion? string
---@field files {uri: moa.Uri, exists: boolean}[]

---@class moa.Restored
---@field checkpoint? moa.Checkpoint
---@field files moa.Uri[]
---@field problems moa.Problem[]

---@class moa.Estimate One call that will be made
---@field architect string
---@field stage? string
---@field model string
---@field inputTokens? integer
---@field costUsd? number

---@class moa.PresetArchitect
---@field name string
---@field model string
---@field role? string
---@field seat? moa.Seat

---@class moa.Preset A named set-up: architects, editor model and how they speak
---@field name string
---@field kind string `round`, `panel`, `layers`, `revise`, `arbiter`, `samples` or `solo`
---@field title string What it is, in a line
---@field shape string
---@field stages moa.Stage[]
---@field architects moa.PresetArchitect[]
---@field calls {least: integer, most: integer} How many calls one message takes
---@field costUsd? number What one message is expected to cost
---@field seconds? number How long it is expected to take
---@field basis string What these expectations come from, in words
---@field current boolean Whether it is in force in the discussion
---@field from "built-in"|"settings"|"saved"
---@field uri? moa.Uri The file that it is saved in
---@field problem? string Why it can't be used

---@class moa.Role One of the library's
---@field name string
---@field text string
---@field from "built-in"|"user"|"project"

---@class moa.Completion
---@field label string
---@field detail string
---@field insertText string

---@class moa.Model
---@field model string
---@field provider string
---@field ready boolean
---@field keyVariable? string
---@field reason? string

---@class moa.Found
---@field discussion moa.Discussion
---@field excerpts {round: integer, architect?: string, text: string}[]

---@class moa.Exported
---@field title string
---@field markdown string

---@class moa.Refusal An answer that is an error; the message is for people
---@field code integer
---@field message string
---@field data? table What else it says: `conflicts` of a `compose`

---@alias moa.CommandName
---| "disagreement" # {discussion?} -> moa.Disagreement
---| "take" # {hunks, discussion?} -> moa.Disagreement
---| "leave" # {hunks, reason?, discussion?} -> moa.Disagreement
---| "reopen" # {hunks, discussion?} -> moa.Disagreement
---| "compose" # {hunks, discussion?, title?} -> moa.Change
---| "plan" # {discussion?} -> moa.Plan
---| "set-plan" # {steps?, markdown?, discussion?} -> moa.Plan
---| "answer-question" # {round, turn, question, answer, discussion?} -> moa.Discussion
---| "discuss" # {message, discussion?, files?, selection?, folder?, preset?} -> moa.Round
---| "code" # {message?, discussion?, files?} -> moa.Change
---| "retry" # {architect, discussion?} -> moa.Round
---| "cancel" # {discussion?} -> moa.Discussion
---| "drop-architect" # {name, discussion?} -> moa.Discussion
---| "restore-architect" # {name, discussion?} -> moa.Discussion
---| "add-architect" # {model, name?, role?, discussion?} -> moa.Discussion
---| "set-role" # {name, role?, discussion?} -> moa.Discussion
---| "new-discussion" # {folder?} -> moa.Discussion
---| "show-discussion" # {discussion?} -> moa.Discussion with all rounds
---| "list-discussions" # {} -> moa.Discussion[]
---| "select-discussion" # {discussion} -> moa.Discussion with all rounds
---| "rename-discussion" # {title, discussion?} -> moa.Discussion
---| "delete-discussion" # {discussion} -> moa.Discussion[]
---| "fork-discussion" # {discussion?, afterRound?} -> moa.Discussion with all rounds
---| "search-discussions" # {query} -> moa.Found[]
---| "export-discussion" # {discussion?} -> moa.Exported
---| "apply" # {change, hunks?} -> moa.Change
---| "reject" # {change, hunks?, reason?} -> moa.Change
---| "unreject" # {change, hunks?} -> moa.Change
---| "undo" # {change} -> moa.Change
---| "preview" # {change} -> moa.Preview
---| "checkpoints" # {discussion?} -> moa.Checkpoint[]
---| "restore" # {checkpoint, files?} -> moa.Restored
---| "estimate" # {message, files?, discussion?, for?, preset?} -> moa.Estimate[]
---| "presets" # {discussion?} -> moa.Preset[]
---| "select-preset" # {preset, discussion?} -> moa.Discussion
---| "save-preset" # {name, discussion?, replace?} -> moa.Preset
---| "rename-preset" # {name, to, discussion?} -> moa.Preset
---| "delete-preset" # {name, discussion?} -> moa.Preset[]
---| "roles" # {discussion?} -> moa.Role[]
---| "write-roles" # {message, discussion?, files?} -> moa.Discussion
---| "complete" # {text, position} -> moa.Completion[]
---| "models" # {} -> moa.Model[]
---| "send" # {document, position, drop?, restore?, retry?, wait?} -> moa.Sent

---@class moa.Sent What came of a notebook's prompt
---@field kind "discuss"|"code"|"drop"|"restore"|"retry"|"begun"
---@field round? moa.Round
---@field change? moa.Change
---@field discussion? moa.Discussion

---@class moa.Event The notification `moa/event`; what else it holds depends on `kind`
---@field kind string
---@field discussion string|moa.Discussion The id; in `discussionUpdated` the object itself
---@field number? integer roundStarted
---@field message? string roundStarted, codeStarted
---@field preset? string roundStarted
---@field model? string codeStarted
---@field step? integer stageStarted, turnStarted
---@field stage? string stageStarted, turnStarted
---@field architects? string[] stageStarted
---@field parallel? boolean stageStarted
---@field architect? string turnStarted, turnDelta, turnWaiting, editRead, repairStarted, repairFinished; nil: the editor model
---@field text? string turnDelta, codeDelta, roundNoted
---@field seconds? number turnWaiting, codeWaiting
---@field reason? string turnWaiting, codeWaiting
---@field turn? moa.Turn turnFinished
---@field round? moa.Round roundFinished
---@field path? string editRead
---@field edit? moa.FileKind|"rewrite" editRead
---@field fits? boolean editRead
---@field problem? string editRead
---@field problems? moa.Problem[] repairStarted
---@field placed? integer repairFinished
---@field left? integer repairFinished
---@field status? moa.RunStatus repairFinished
---@field usage? moa.Usage repairFinished
---@field coding? moa.Coding codeFinished
---@field change? moa.Change changeReady, changeUpdated
---@field disagreement? moa.Disagreement disagreementUpdated

return M
