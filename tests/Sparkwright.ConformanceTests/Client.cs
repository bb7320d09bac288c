using System.Diagnostics;

namespace Sparkwright.ConformanceTests;

/// <summary>Programs that others wrote, run as a user runs them.</summary>
internal static class Client
{
    /// <summary>The first program of a name in the PATH; null when there is none.</summary>
    public static string? Find(string name) => FindAll(name).FirstOrDefault();

    public static IEnumerable<string> FindAll(string name) => Folders("PATH").Select(folder => Path.Combine(folder, name)).Where(File.Exists);

    /// <summary>The first python3 of the PATH that has a package; one of one's own often stands before the one that has Debian's packages.</summary>
    public static async Task<string?> Python(string package)
    {
        foreach (var one in FindAll("python3"))
        {
            if ((await Run(one, ["-c", $"import {package}"], [])).Code == 0)
            {
                return one;
            }
        }

        return null;
    }

    /// <summary>The folders that a variable names.</summary>
    public static string[] Folders(string variable) => (Environment.GetEnvironmentVariable(variable) ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Runs a program to its end.</summary>
    /// <param name="environment">Beside the tests' own.</param>
    public static async Task<(int Code, string Output)> Run(string program, IEnumerable<string> arguments, Dictionary<string, string> environment, string? input = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.WriteAsync(input ?? "");
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }
}
