using System.Globalization;
using System.Text;

namespace Sparkwright.World.Ec2.UserData;

/// <summary>
/// Plays a boot script on the disks and files of a simulated instance. Commands that touch neither succeed without effect where they are known,
/// and are reported where they are not.
/// </summary>
internal sealed partial class ShellRun
{
    /// <summary>Commands that a script may run, and words that one word may become; more is taken for an endless loop.</summary>
    public const int MostSteps = 5000;

    private const int DeepestCalls = 30;

    private readonly SortedDictionary<string, List<string>> variables = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, ShellNode> functions = new(StringComparer.Ordinal);
    private readonly Action<int, string, IEnumerable<string>> report;
    private readonly ShellWords words;
    private Flow flow;
    private int depth;
    private int steps;
    private int conditions;
    private int status;
    private bool stopOnError;
    private bool stopOnUnset;
    private bool pipesFail;
    private string workingDirectory = "/";

    /// <param name="report">Told of lines that are not understood or fail: line, reason, the paths they name.</param>
    public ShellRun(BootFiles files, BlockDevices devices, Action<int, string, IEnumerable<string>> report)
    {
        Files = files;
        Devices = devices;
        this.report = report;
        words = new ShellWords(this);
        Assign("IFS", " \t\n");
        Assign("HOME", "/root");
        Assign("USER", "root");
        Assign("EUID", "0");
        Assign("UID", "0");
        Assign("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin");
    }

    private enum Flow
    {
        On,
        Break,
        Continue,
        Return,
        Exit,
    }

    public BootFiles Files { get; }

    public BlockDevices Devices { get; }

    /// <summary>The line that runs now.</summary>
    public int Line { get; private set; }

    public string Separators => ValueOf("IFS") ?? "";

    public IReadOnlyList<string> Arguments { get; private set; } = [];

    /// <summary>What LOCAL_DISKS tells the bootstrap script, once that has run or a file that it reads says so.</summary>
    public string LocalDisks { get; private set; } = "";

    /// <summary>Plays a script that starts on a line of the userData.</summary>
    public void Play(string script, int firstLine)
    {
        try
        {
            Run(ShellParser.Parse(script, firstLine), new ShellInput(""), new StringBuilder());
        }
        catch (ShellSyntaxException refused)
        {
            report(Math.Max(refused.Line, Line), refused.Message, PathsIn(script));
        }

        if (ValueOf("LOCAL_DISKS") is { Length: > 0 } setting && LocalDisks.Length == 0)
        {
            LocalDisks = setting;
            report(Math.Max(Line, firstLine), "LOCAL_DISKS is set, but no bootstrap script runs here; it counts as if it were written to a file that the bootstrap script reads", []);
        }
    }

    /// <summary>Absolute paths that text names outside of addresses.</summary>
    public static IEnumerable<string> PathsIn(string text)
    {
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] == '/' && (at == 0 || text[at - 1] is ' ' or '\t' or '\n' or '"' or '\'' or '=' or '(' or '>' or ','))
            {
                var start = at;
                while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] is '/' or '.' or '_' or '-' or '*' or '+'))
                {
                    at++;
                }

                yield return text[start..at];
            }
        }
    }

    /// <summary>The value of a variable or special parameter; null when it was never set.</summary>
    public string? ValueOf(string name) => name switch
    {
        "?" => status.ToString(CultureInfo.InvariantCulture),
        "#" => Arguments.Count.ToString(CultureInfo.InvariantCulture),
        "$" => ProcessId(),
        "!" or "-" => "",
        "0" => "/var/lib/cloud/instance/scripts/part-001",
        "" => null,
        _ when char.IsAsciiDigit(name[0]) => int.TryParse(name, CultureInfo.InvariantCulture, out var at) ? Arguments.ElementAtOrDefault(at - 1) : null,
        _ => variables.TryGetValue(name, out var known) ? known.FirstOrDefault() : null,
    };

    public IReadOnlyList<string> ListOf(string name) => variables.TryGetValue(name, out var known) ? [.. known] : [];

    public void Assign(string name, string value) => variables[name] = [value];

    /// <summary>The value of a variable that was never set: empty, or with <c>set -u</c> the end of the script.</summary>
    public string Unset(string name) => stopOnUnset && name is not ("@" or "*") ? Stop($"{name} is not set (set -u)") : "";

    /// <summary>Ends the script because of an error; the empty text stands for what it lacks.</summary>
    public string Stop(string why)
    {
        report(Line, why + "; the script stops here", []);
        flow = Flow.Exit;
        status = 1;
        return "";
    }

    public void NotUnderstood(string why) => report(Line, why, []);

    public long Calculate(string expression)
    {
        if (new ShellArithmetic(expression, name => ValueOf(name) ?? "", Assign).Value() is { } value)
        {
            return value;
        }

        Stop($"\"{expression.Trim()}\" cannot be calculated");
        return 0;
    }

    /// <summary>The output of a command substitution, without the line ends behind it.</summary>
    public string Substitute(string script)
    {
        if (++depth > DeepestCalls)
        {
            depth = 0;
            throw new ShellSyntaxException(Line, "nested too deeply");
        }

        var output = new StringBuilder();
        var line = Line;
        var saved = workingDirectory;
        if (script.TrimStart() is ['<', not '(', ..] read)
        {
            output.Append(Files.Read(BootFiles.Normal(words.Text(read[1..].Trim()), workingDirectory)));
        }
        else
        {
            // Bash does not hand -e on to a substitution.
            var stop = stopOnError;
            stopOnError = false;
            Run(ShellParser.Parse(script, line), new ShellInput(""), output);
            stopOnError = stop;
            flow = flow is Flow.Exit ? Flow.On : flow;
        }

        workingDirectory = saved;
        Line = line;
        depth--;
        return output.ToString().TrimEnd('\n');
    }

    /// <summary>Files, directories and devices that match a pattern, in order.</summary>
    public IReadOnlyList<string> PathsMatching(string pattern)
    {
        var absolute = pattern.StartsWith('/') ? pattern : workingDirectory.TrimEnd('/') + "/" + pattern;
        var wanted = ShellPattern.Compile(absolute, withinPart: true);
        var found = Files.Matching(absolute).Concat(DevicePaths().Where(path => wanted.IsMatch(path))).Distinct().Order(StringComparer.Ordinal);
        return [.. pattern.StartsWith('/') ? found : found.Select(path => path[(workingDirectory.TrimEnd('/').Length + 1)..])];
    }

    private IEnumerable<string> DevicePaths() => Devices.All.Select(device => device.Path).Concat(Devices.All.Select(BlockDevices.LinkOf).OfType<string>());

    private string ProcessId()
    {
        report(Line, "$$ is the number of the process, no variable: in a file that is not a Terraform template write ${NAME}, not $${NAME}", []);
        return "2001";
    }

    private void Run(ShellNode node, ShellInput input, StringBuilder output)
    {
        if (flow != Flow.On)
        {
            return;
        }

        if (++steps > MostSteps)
        {
            Stop($"more than {MostSteps} commands have run");
            return;
        }

        Line = node.Line;
        if (node.Redirections.IsEmpty)
        {
            Dispatch(node, input, output);
            return;
        }

        var streams = Redirect(node.Redirections, input);
        if (streams is null)
        {
            return;
        }

        var own = streams.OutputTo is null ? output : new StringBuilder();
        Dispatch(node, streams.Input, own);
        if (streams.OutputTo is { Length: > 0 } path)
        {
            Files.Write(path, own.ToString(), streams.Append);
            NoteLocalDisks(path);
        }
    }

    private void Dispatch(ShellNode node, ShellInput input, StringBuilder output)
    {
        switch (node)
        {
            case ShellNode.Simple simple:
                RunSimple(simple, input, output);
                break;
            case ShellNode.Sequence sequence:
                foreach (var command in sequence.Commands)
                {
                    Run(command, input, output);
                }

                break;
            case ShellNode.Chain chain:
                conditions++;
                Run(chain.Left, input, output);
                conditions--;
                if (status == 0 == chain.And)
                {
                    Run(chain.Right, input, output);
                }

                break;
            case ShellNode.Pipeline pipeline:
                RunPipeline(pipeline, input, output);
                break;
            case ShellNode.If branch:
                RunIf(branch, input, output);
                break;
            case ShellNode.For loop:
                foreach (var value in loop.Words.SelectMany(words.Fields).ToList())
                {
                    Assign(loop.Variable, value);
                    Run(loop.Body, input, output);
                    if (LeavesLoop())
                    {
                        break;
                    }
                }

                break;
            case ShellNode.CountingFor counting:
                Calculate(words.Document(counting.First));
                while (flow == Flow.On && (counting.Condition.Trim().Length == 0 || Calculate(words.Document(counting.Condition)) != 0) && flow == Flow.On)
                {
                    Run(counting.Body, input, output);
                    if (LeavesLoop())
                    {
                        break;
                    }

                    Calculate(words.Document(counting.Step));
                }

                break;
            case ShellNode.While loop:
                while (flow == Flow.On && Holds(loop.Condition, input, output) != loop.Until)
                {
                    Run(loop.Body, input, output);
                    if (LeavesLoop())
                    {
                        break;
                    }
                }

                break;
            case ShellNode.Case choice:
                RunCase(choice, input, output);
                break;
            case ShellNode.Function function:
                functions[function.Name] = function.Body;
                status = 0;
                break;
            case ShellNode.Group group:
                var directory = workingDirectory;
                Run(group.Body, input, output);
                workingDirectory = group.Subshell ? directory : workingDirectory;
                flow = group.Subshell && flow == Flow.Exit && !stopOnError ? Flow.On : flow;
                break;
            case ShellNode.Test test:
                Test([.. test.Words], expandPatterns: true);
                break;
            case ShellNode.Arithmetic arithmetic:
                Set(Calculate(words.Document(arithmetic.Expression)) != 0 ? 0 : 1);
                break;
        }
    }

    /// <summary>Ends a command; a failure outside of a condition ends the script under <c>set -e</c>.</summary>
    private void Set(int result, string? why = null)
    {
        status = result;
        if (result != 0 && conditions == 0 && stopOnError && flow == Flow.On)
        {
            Stop(why is null ? "the command fails (set -e)" : why + " (set -e)");
        }
        else if (result != 0 && why is not null && conditions == 0)
        {
            report(Line, why, []);
        }
    }

    private void Fail(string why) => Set(1, why);

    private void RunSimple(ShellNode.Simple simple, ShellInput input, StringBuilder output)
    {
        status = 0;
        var fields = simple.Words.SelectMany(words.Fields).ToList();
        var before = new List<(string Name, List<string>? Old)>();
        foreach (var assignment in simple.Assignments)
        {
            before.Add((assignment.Name, variables.GetValueOrDefault(assignment.Name)));
            Apply(assignment);
        }

        if (flow != Flow.On)
        {
            return;
        }

        if (fields.Count == 0)
        {
            Set(status);
            return;
        }

        Line = simple.Line;
        status = 0;
        Execute(fields, input, output);
        foreach (var (name, old) in before)
        {
            if (old is null)
            {
                variables.Remove(name);
            }
            else
            {
                variables[name] = old;
            }
        }
    }

    private void Apply(Assignment assignment)
    {
        var values = assignment.Items is { } items ? [.. items.SelectMany(words.Fields)] : new List<string> { words.Text(assignment.Value) };
        var known = variables.GetValueOrDefault(assignment.Name);
        if (assignment.Index is { } index)
        {
            var at = (int)Math.Clamp(Calculate(words.Document(index)), 0, MostSteps);
            known = known is null ? [] : [.. known];
            while (known.Count <= at)
            {
                known.Add("");
            }

            known[at] = assignment.Append ? known[at] + values[0] : values[0];
            variables[assignment.Name] = known;
        }
        else if (assignment.Append && known is not null)
        {
            variables[assignment.Name] = assignment.Items is not null ? [.. known, .. values] : [known.FirstOrDefault("") + values[0], .. known.Skip(1)];
        }
        else
        {
            variables[assignment.Name] = values;
        }
    }

    private void Call(ShellNode body, List<string> fields, ShellInput input, StringBuilder output)
    {
        if (++depth > DeepestCalls)
        {
            depth = 0;
            throw new ShellSyntaxException(Line, "nested too deeply");
        }

        var outer = Arguments;
        Arguments = fields[1..];
        Run(body, input, output);
        flow = flow == Flow.Return ? Flow.On : flow;
        Arguments = outer;
        depth--;
    }

    private void Test(List<string> raw, bool expandPatterns)
    {
        var test = new ShellTest(
            raw,
            expandPatterns,
            word => expandPatterns ? words.Text(word) : word,
            words.Pattern,
            path => BootFiles.Normal(path, workingDirectory),
            this);
        if (test.Value() is { } holds)
        {
            Set(holds ? 0 : 1);
        }
        else
        {
            NotUnderstood("the test is not read; it counts as true");
        }
    }
}
