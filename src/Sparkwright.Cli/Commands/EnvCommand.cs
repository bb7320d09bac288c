using System.CommandLine;
using System.Diagnostics;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Quantities;
using Sparkwright.Server.Storage;

namespace Sparkwright.Cli.Commands;

/// <summary><c>sparkwright env</c>: what a shell needs so that kubectl and its like talk to a running platform.</summary>
internal static class EnvCommand
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    public static Command Create()
    {
        var data = new Option<string>("--data-dir") { Description = "Of the running platform", DefaultValueFactory = _ => DataDirectory.Default };
        var wait = new Option<string>("--wait") { Description = "How long to wait for a platform that is coming up", DefaultValueFactory = _ => "0s" };
        var output = new Option<string>("--output", "-o") { Description = "text or json", DefaultValueFactory = _ => "text" };
        output.AcceptOnlyFromAmong("text", "json");
        var command = new Command("env", """
            Prints the shell exports with which kubectl, aws and their like talk to a running platform.

            Examples:
              eval "$(sparkwright env)"
              eval "$(sparkwright env --data-dir state --wait 30s)"
            """)
        {
            data, wait, output,
        };
        command.SetAction(parsed => Run(parsed.GetValue(data)!, parsed.GetValue(wait)!, parsed.GetValue(output) == "json"));
        return command;
    }

    private static int Run(string data, string wait, bool asJson)
    {
        if (!GoDuration.TryParse(wait, out var patience) || patience < TimeSpan.Zero)
        {
            Console.Error.WriteLine($"sparkwright: --wait {wait}: must be a duration such as 30s");
            return 2;
        }

        var waited = Stopwatch.StartNew();
        TreeMap? endpoints;
        while ((endpoints = DataDirectory.Endpoints(data)) is null && waited.Elapsed < patience)
        {
            Thread.Sleep(LookEvery);
        }

        if (endpoints is null)
        {
            Console.Error.WriteLine($"sparkwright: no platform serves {data}; start one with sparkwright up, or name its directory with --data-dir");
            return 1;
        }

        var (key, secret) = Credentials(endpoints["awsCredentials"]?.Text ?? "");
        (string Name, string Value)[] variables =
        [
            ("KUBECONFIG", endpoints["kubeconfig"]?.Text ?? ""),
            ("AWS_ACCESS_KEY_ID", key),
            ("AWS_SECRET_ACCESS_KEY", secret),
            ("AWS_ENDPOINT_URL", endpoints.At("endpoints", "aws")?.Text ?? ""),
            ("AWS_REGION", endpoints["region"]?.Text ?? ""),
            ("AWS_DEFAULT_REGION", endpoints["region"]?.Text ?? ""),
        ];
        var shim = endpoints["awsShim"]?.Text ?? "";
        if (asJson)
        {
            Console.Out.WriteLine(TreeMap.OfTexts(variables.Append(("PATH", shim)).Select(one => KeyValuePair.Create(one.Item1, one.Item2))).ToString());
            return 0;
        }

        foreach (var (name, value) in variables)
        {
            Console.Out.WriteLine($"export {name}={Quoted(value)}");
        }

        // A second call adds nothing; a session token of another account would spoil every signature.
        Console.Out.WriteLine($"case \":$PATH:\" in *:{Quoted(shim)}:*) ;; *) export PATH={Quoted(shim)}:\"$PATH\" ;; esac");
        Console.Out.WriteLine("unset AWS_SESSION_TOKEN AWS_PROFILE");
        return 0;
    }

    private static string Quoted(string value) => $"'{value.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    /// <summary>The administrator's key: the first section of the credentials file.</summary>
    private static (string Key, string Secret) Credentials(string file)
    {
        var lines = File.Exists(file) ? File.ReadAllLines(file) : [];
        return (Value("aws_access_key_id"), Value("aws_secret_access_key"));

        string Value(string name) => lines.FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal)) is { } line ? line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..].Trim() : "";
    }
}
