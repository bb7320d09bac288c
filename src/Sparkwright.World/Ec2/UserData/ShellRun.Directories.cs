using System.Text;

namespace Sparkwright.World.Ec2.UserData;

internal sealed partial class ShellRun
{
    /// <summary>Commands on files and directories.</summary>
    private bool Directories(string name, List<string> arguments, ShellInput input, StringBuilder output)
    {
        var operands = arguments.Where(word => !word.StartsWith('-')).ToList();
        switch (name)
        {
            case "mkdir":
                MakeDirectories(arguments);
                return true;
            case "install" when arguments.Contains("-d"):
                operands.Where(word => word.StartsWith('/')).ToList().ForEach(path => Files.MakeDirectory(Normal(path)));
                return true;
            case "chown" or "chmod" or "chgrp":
                var absent = operands.Skip(1).FirstOrDefault(path => !Exists(Normal(path)));
                if (absent is not null && !arguments.Contains("-f"))
                {
                    Fail($"{name}: {absent}: no such file or directory");
                }

                return true;
            case "rm" or "rmdir":
                operands.ForEach(path => Files.Remove(Normal(path), withContent: name == "rm" && arguments.Exists(word => word.StartsWith('-') && word.AsSpan().IndexOfAny('r', 'R') > 0)));
                return true;
            case "touch":
                operands.ForEach(path => Files.Write(Normal(path), "", append: true));
                return true;
            case "ln" or "cp" or "mv" or "rsync":
                Copy(name, operands);
                return true;
            case "tee":
                var text = input.ReadAll();
                output.Append(text);
                foreach (var path in operands.Select(Normal).Where(path => !path.StartsWith("/dev/", StringComparison.Ordinal)))
                {
                    Files.Write(path, text, arguments.Contains("-a"));
                    NoteLocalDisks(path);
                }

                return true;
            case "sed" when arguments.Exists(word => word.StartsWith("-i", StringComparison.Ordinal)):
                if (arguments.Find(word => word.Contains("LOCAL_DISKS=", StringComparison.Ordinal)) is { } edit)
                {
                    Files.Write("/etc/eks/bootstrap.sh.d/edit", edit, append: false);
                    NoteLocalDisks("/etc/eks/bootstrap.sh.d/edit");
                }

                return true;
            case "ls":
                List(operands.Count == 0 ? [workingDirectory] : operands, output);
                return true;
            case "find":
                Find(arguments, output);
                return true;
            case "readlink" or "realpath":
                foreach (var path in operands.Select(Normal))
                {
                    output.Append(Devices.Find(path)?.Path ?? path).Append('\n');
                }

                return true;
            case "basename":
                var last = operands.FirstOrDefault("").TrimEnd('/');
                last = last[(last.LastIndexOf('/') + 1)..];
                output.Append(operands.Count > 1 && last.EndsWith(operands[1], StringComparison.Ordinal) ? last[..^operands[1].Length] : last).Append('\n');
                return true;
            case "dirname":
                output.Append(BootFiles.ParentOf(operands.FirstOrDefault("/").TrimEnd('/'))).Append('\n');
                return true;
            case "mktemp":
                Files.MakeDirectory("/tmp/tmp.sparkwright");
                output.Append("/tmp/tmp.sparkwright\n");
                return true;
            default:
                return false;
        }
    }

    private bool Exists(string path) => Files.HasDirectory(path) || Files.HasFile(path) || Devices.Find(path) is not null;

    private void MakeDirectories(List<string> arguments)
    {
        var parents = arguments.Exists(word => word == "--parents" || (word.StartsWith('-') && !word.StartsWith("--", StringComparison.Ordinal) && word.Contains('p', StringComparison.Ordinal)));
        for (var at = 0; at < arguments.Count; at++)
        {
            var word = arguments[at];
            if (word is "-m" or "--mode")
            {
                at++;
                continue;
            }

            if (word.StartsWith('-'))
            {
                at += word.EndsWith('m') && !word.StartsWith("--", StringComparison.Ordinal) ? 1 : 0;
                continue;
            }

            var path = Normal(word);
            if (!parents && (Exists(path) || !Files.HasDirectory(BootFiles.ParentOf(path))))
            {
                Fail(Exists(path) ? $"mkdir: {path} is there already" : $"mkdir: {BootFiles.ParentOf(path)}: no such directory");
            }
            else
            {
                Files.MakeDirectory(path);
            }
        }
    }

    private void Copy(string name, List<string> operands)
    {
        if (operands.Count < 2)
        {
            return;
        }

        var target = Normal(operands[^1]);
        foreach (var source in operands[..^1].Select(Normal))
        {
            var place = Files.HasDirectory(target) ? target.TrimEnd('/') + source[source.LastIndexOf('/')..] : target;
            if (Files.HasDirectory(source))
            {
                Files.MakeDirectory(place);
            }
            else
            {
                Files.Write(place, Files.Read(source), append: false);
                NoteLocalDisks(place);
            }

            if (name == "mv")
            {
                Files.Remove(source, withContent: true);
            }
        }
    }

    private void List(List<string> operands, StringBuilder output)
    {
        foreach (var operand in operands)
        {
            var path = Normal(operand);
            if (Files.HasDirectory(path))
            {
                output.AppendJoin("", PathsMatching(path.TrimEnd('/') + "/*").Select(child => child[(child.LastIndexOf('/') + 1)..] + "\n"));
            }
            else if (Exists(path))
            {
                output.Append(operand).Append('\n');
            }
            else
            {
                Set(2);
            }
        }
    }

    private void Find(List<string> arguments, StringBuilder output)
    {
        var places = arguments.SkipWhile(word => word is "-L" or "-H" or "-P").TakeWhile(word => !word.StartsWith('-')).Select(Normal).ToList();
        if (arguments.Exists(word => word is "-exec" or "-execdir" or "-delete"))
        {
            report(Line, "find with an action is not simulated", places);
            return;
        }

        var pattern = Option(arguments, "-name", "-iname") ?? "*";
        var wanted = ShellPattern.Compile(pattern);
        var all = Files.Directories.Concat(Files.Files.Keys).Concat(DevicePaths()).Distinct().Order(StringComparer.Ordinal);
        foreach (var path in all.Where(path => places.Exists(place => path.StartsWith(place.TrimEnd('/') + "/", StringComparison.Ordinal))))
        {
            if (wanted.IsMatch(path[(path.LastIndexOf('/') + 1)..]))
            {
                output.Append(path).Append('\n');
            }
        }
    }
}
