using System.Globalization;
using System.Text;

namespace Sparkwright.World.Ec2.UserData;

internal sealed partial class ShellRun
{
    /// <summary>Commands that make no difference to disks and directories, and succeed.</summary>
    private static readonly SortedSet<string> WithoutEffect = new(StringComparer.Ordinal)
    {
        ":", "true", "yum", "dnf", "apt", "apt-get", "amazon-linux-extras", "rpm", "dpkg", "pip", "pip3", "snap", "systemctl", "service", "chkconfig", "sysctl", "modprobe",
        "udevadm", "partprobe", "partx", "sync", "sleep", "ulimit", "umask", "swapoff", "swapon", "mkswap", "setfacl", "restorecon", "chcon", "setenforce", "logger",
        "update-alternatives", "useradd", "usermod", "groupadd", "iptables", "ethtool", "ip", "tuned-adm", "hostnamectl", "timedatectl", "localectl", "trap", "shopt", "wait",
        "kill", "pkill", "killall", "fallocate", "blockdev", "hdparm", "xfs_growfs", "xfs_admin", "resize2fs", "tune2fs", "e2label", "growpart", "pvcreate", "nvidia-smi",
        "crictl", "ctr", "docker", "hash", "exec", "disown", "jobs", "unset-alias", "alias", "complete", "stty", "tput", "history", "df", "du", "free", "dmesg", "lscpu", "ps",
        "journalctl", "update-ca-trust", "cloud-init-per", "grubby", "grub2-mkconfig", "dracut", "nodeadm", "fstrim", "parted-probe", "gpg", "tar", "unzip", "gunzip", "crontab",
    };

    private void Execute(List<string> fields, ShellInput input, StringBuilder output)
    {
        while (fields.Count > 1 && NameOf(fields[0]) is "sudo" or "nohup" or "time" or "nice" or "env" or "command" or "exec" or "builtin" && fields[1] is not ("-v" or "-V"))
        {
            fields = [.. fields.Skip(1).SkipWhile(field => field.StartsWith('-') || ShellParser.ReadAssignment(field, Line) is not null)];
        }

        if (fields.Count == 0)
        {
            return;
        }

        if (functions.TryGetValue(fields[0], out var body))
        {
            Call(body, fields, input, output);
            return;
        }

        if (fields[0].StartsWith('/') && Files.HasFile(fields[0]))
        {
            Script(fields[0], output);
            return;
        }

        var name = NameOf(fields[0]);
        List<string> arguments = fields[1..];
        if (Builtin(name, arguments, input, output) || Disks(name, arguments, output) || Directories(name, arguments, input, output))
        {
            return;
        }

        if (TextFilters.Run(name, arguments, input, path => Files.HasFile(Normal(path)) ? Files.Read(Normal(path)) : null) is { } filtered)
        {
            output.Append(filtered.Output);
            Set(filtered.Status);
        }
        else if (name == "xargs")
        {
            Each(arguments, input, output);
        }
        else if (!WithoutEffect.Contains(name))
        {
            report(Line, $"{fields[0]} is not simulated", fields.Skip(1).SelectMany(PathsIn));
        }
    }

    private static string NameOf(string command) => command.StartsWith('/') ? command[(command.LastIndexOf('/') + 1)..] : command;

    private string Normal(string path) => BootFiles.Normal(path, workingDirectory);

    /// <summary>What belongs to the shell itself.</summary>
    private bool Builtin(string name, List<string> arguments, ShellInput input, StringBuilder output)
    {
        switch (name)
        {
            case "echo":
                var plain = arguments.SkipWhile(word => word is "-n" or "-e" or "-E" or "-ne" or "-en").ToList();
                var text = string.Join(' ', plain);
                var escapes = arguments.TakeWhile(word => word is "-e" or "-ne" or "-en").Any();
                output.Append(escapes ? Unescaped(text) : text).Append(arguments.FirstOrDefault() is "-n" or "-ne" or "-en" ? "" : "\n");
                return true;
            case "printf":
                output.Append(Formatted(arguments));
                return true;
            case "set":
                SetOptions(arguments);
                return true;
            case "false":
                Set(1);
                return true;
            case "exit" or "return":
                var code = arguments.Count > 0 && int.TryParse(arguments[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var given) ? given : status;
                status = code;
                flow = name == "exit" ? Flow.Exit : Flow.Return;
                return true;
            case "break" or "continue":
                flow = name == "break" ? Flow.Break : Flow.Continue;
                return true;
            case "export" or "local" or "declare" or "typeset" or "readonly":
                foreach (var word in arguments.Where(word => !word.StartsWith('-')))
                {
                    // Declared words reach this place expanded; a value in them is a value already.
                    var equals = word.IndexOf('=', StringComparison.Ordinal);
                    if (equals > 0)
                    {
                        Assign(word[..equals].TrimEnd('+'), word[(equals + 1)..]);
                    }
                }

                return true;
            case "unset":
                arguments.ForEach(word => variables.Remove(word));
                return true;
            case "shift":
                Arguments = [.. Arguments.Skip(arguments.Count > 0 && int.TryParse(arguments[0], CultureInfo.InvariantCulture, out var count) ? count : 1)];
                return true;
            case "let":
                Set(arguments.Select(Calculate).LastOrDefault() != 0 ? 0 : 1);
                return true;
            case "cd":
                var directory = Normal(arguments.FirstOrDefault("/root"));
                if (Files.HasDirectory(directory))
                {
                    workingDirectory = directory;
                }
                else
                {
                    Fail($"cd: {directory}: no such directory");
                }

                return true;
            case "pwd":
                output.Append(workingDirectory).Append('\n');
                return true;
            case "test":
                Test(arguments, expandPatterns: false);
                return true;
            case "[":
                Test(arguments.Count > 0 && arguments[^1] == "]" ? arguments[..^1] : arguments, expandPatterns: false);
                return true;
            case "read":
                ReadInto([.. arguments.Where(word => !word.StartsWith('-'))], input);
                return true;
            case "mapfile" or "readarray":
                variables[arguments.LastOrDefault(word => !word.StartsWith('-'), "MAPFILE")] = input.Lines();
                return true;
            case "eval":
                Run(ShellParser.Parse(string.Join(' ', arguments), Line), input, output);
                return true;
            case "source" or ".":
                if (arguments.Count > 0 && Files.HasFile(Normal(arguments[0])))
                {
                    Run(ShellParser.Parse(Files.Read(Normal(arguments[0])), Line), input, output);
                }

                return true;
            case "bash" or "sh":
                if (arguments is [['-', .., 'c'], var inline, ..])
                {
                    Run(ShellParser.Parse(inline, Line), input, output);
                }
                else if (arguments.FirstOrDefault(word => !word.StartsWith('-')) is { } script)
                {
                    if (Files.HasFile(Normal(script)))
                    {
                        Script(Normal(script), output);
                    }
                    else
                    {
                        Execute([script, .. arguments.SkipWhile(word => word != script).Skip(1)], input, output);
                    }
                }
                else
                {
                    Run(ShellParser.Parse(input.ReadAll(), Line), new ShellInput(""), output);
                }

                return true;
            case "type" or "which" or "command":
                output.Append("/usr/bin/").Append(arguments.LastOrDefault("")).Append('\n');
                return true;
            case "bootstrap.sh":
                var at = arguments.IndexOf("--local-disks");
                LocalDisks = at >= 0 && at + 1 < arguments.Count ? arguments[at + 1] : LocalDisks.Length > 0 ? LocalDisks : ValueOf("LOCAL_DISKS") ?? "";
                return true;
            case "setup-local-disks":
                LocalDisks = arguments.LastOrDefault(word => word is "raid0" or "mount", "");
                return true;
            case "date":
                output.Append("1970-01-01\n");
                return true;
            case "nproc":
                output.Append("2\n");
                return true;
            case "uname":
                output.Append(arguments.Contains("-m") ? "x86_64\n" : "Linux\n");
                return true;
            case "whoami":
                output.Append("root\n");
                return true;
            case "id":
                output.Append("0\n");
                return true;
            case "hostname":
                output.Append("localhost\n");
                return true;
            case "curl" or "wget" or "aws" or "ec2-metadata" or "imds":
                Download(name, arguments);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Runs a script that the userData has written itself.</summary>
    private void Script(string path, StringBuilder output)
    {
        if (++depth > DeepestCalls)
        {
            depth = 0;
            throw new ShellSyntaxException(Line, "nested too deeply");
        }

        var line = Line;
        var stop = stopOnError;
        stopOnError = false;
        Run(ShellParser.Parse(Files.Read(path), Line), new ShellInput(""), output);
        stopOnError = stop;
        flow = Flow.On;
        Line = line;
        depth--;
        Set(status);
    }

    private void SetOptions(List<string> options)
    {
        for (var at = 0; at < options.Count; at++)
        {
            var on = options[at].StartsWith('-');
            if (options[at] == "--")
            {
                Arguments = options[(at + 1)..];
                return;
            }

            if (options[at] is "-o" or "+o" && at + 1 < options.Count)
            {
                at++;
                stopOnError = options[at] == "errexit" ? on : stopOnError;
                stopOnUnset = options[at] == "nounset" ? on : stopOnUnset;
                pipesFail = options[at] == "pipefail" ? on : pipesFail;
                continue;
            }

            stopOnError = options[at].Contains('e', StringComparison.Ordinal) ? on : stopOnError;
            stopOnUnset = options[at].Contains('u', StringComparison.Ordinal) ? on : stopOnUnset;
            if (options[at].EndsWith('o') && options[at].Length > 1 && options.ElementAtOrDefault(at + 1) == "pipefail")
            {
                pipesFail = on;
                at++;
            }
        }
    }

    private void ReadInto(List<string> names, ShellInput input)
    {
        if (input.ReadLine() is not { } line)
        {
            // The end of the input is how a loop ends, no failure to report.
            status = 1;
            return;
        }

        var parts = line.Split([' ', '\t'], Math.Max(1, names.Count), StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        for (var at = 0; at < names.Count; at++)
        {
            Assign(names[at], parts.ElementAtOrDefault(at) ?? "");
        }

        if (names.Count == 0)
        {
            Assign("REPLY", line);
        }
    }

    /// <summary><c>xargs</c>: a command for the words of the input, all at once or one by one.</summary>
    private void Each(List<string> arguments, ShellInput input, StringBuilder output)
    {
        var at = 0;
        var mark = "";
        var single = false;
        for (; at < arguments.Count && arguments[at].StartsWith('-'); at++)
        {
            if (arguments[at].StartsWith("-I", StringComparison.Ordinal))
            {
                mark = arguments[at].Length > 2 ? arguments[at][2..] : arguments.ElementAtOrDefault(++at) ?? "{}";
            }
            else if (arguments[at] is "-n" or "-P" or "-L")
            {
                single |= arguments[at] != "-P" && arguments.ElementAtOrDefault(at + 1) == "1";
                at++;
            }
            else
            {
                single |= arguments[at] is "-n1" or "-L1";
            }
        }

        List<string> command = at < arguments.Count ? arguments[at..] : ["echo"];
        var items = mark.Length > 0 ? input.Lines() : [.. input.ReadAll().Split([' ', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries)];
        if (mark.Length > 0 || single)
        {
            foreach (var item in items)
            {
                Execute(mark.Length > 0 ? [.. command.Select(word => word.Replace(mark, item, StringComparison.Ordinal))] : [.. command, item], new ShellInput(""), output);
            }
        }
        else if (items.Count > 0)
        {
            Execute([.. command, .. items], new ShellInput(""), output);
        }
    }

    private void Download(string name, List<string> arguments)
    {
        for (var at = 0; at + 1 < arguments.Count; at++)
        {
            if (arguments[at] is "-o" or "-O" or "--output" && arguments[at + 1].StartsWith('/'))
            {
                Files.Write(arguments[at + 1], "", append: false);
                return;
            }
        }

        if (depth > 0 && !arguments.Any(word => word.Contains("api/token", StringComparison.Ordinal)))
        {
            NotUnderstood($"what {name} answers is not simulated; it counts as empty");
        }
    }

    /// <summary>A file that tells the bootstrap script what to do with the local disks.</summary>
    private void NoteLocalDisks(string path)
    {
        const string Setting = "LOCAL_DISKS=";
        var content = Files.Read(path);
        if (path.StartsWith("/etc/", StringComparison.Ordinal) && content.IndexOf(Setting, StringComparison.Ordinal) is var at && at >= 0)
        {
            LocalDisks = new string([.. content[(at + Setting.Length)..].TrimStart('\'', '"').TakeWhile(char.IsAsciiLetterOrDigit)]);
        }
    }

    private static string Unescaped(string text) => text.Replace("\\n", "\n", StringComparison.Ordinal).Replace("\\t", "\t", StringComparison.Ordinal);

    private static string Formatted(List<string> arguments)
    {
        if (arguments.Count == 0)
        {
            return "";
        }

        var format = Unescaped(arguments[0]);
        var text = new StringBuilder();
        var next = 1;
        do
        {
            var start = next;
            for (var at = 0; at < format.Length; at++)
            {
                if (format[at] != '%' || at + 1 == format.Length)
                {
                    text.Append(format[at]);
                    continue;
                }

                do
                {
                    at++;
                }
                while (at < format.Length - 1 && (char.IsAsciiDigit(format[at]) || format[at] is '-' or '.'));

                text.Append(format[at] == '%' ? "%" : arguments.ElementAtOrDefault(next++) ?? "");
            }

            if (next == start)
            {
                break;
            }
        }
        while (next < arguments.Count);

        return text.ToString();
    }
}
