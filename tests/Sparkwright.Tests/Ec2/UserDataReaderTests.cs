using Sparkwright.World.Ec2;
using Sparkwright.World.Ec2.UserData;

namespace Sparkwright.Tests.Ec2;

public sealed class UserDataReaderTests
{
    private const string FormatEachDisk = """
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary="BOUNDARY"

        --BOUNDARY
        Content-Type: text/x-shellscript; charset="us-ascii"

        #!/bin/bash
        echo "preparing local disks"
        set -ex
        N=1
        DISKS=$(lsblk -o NAME,TYPE -dsn | awk '/disk/ {print $1}')
        for D in $DISKS
        do
          mkfs.xfs /dev/${D}
          mkdir -p /local${N}
          echo /dev/${D} /local${N} xfs defaults,noatime 1 2 >> /etc/fstab
          N=$((${N} + 1))
        done
        mount -a
        /usr/bin/chown -hR +999:+1000 /local*
        --BOUNDARY--
        """;

    [Theory]
    [InlineData("r5d.4xlarge", "/local1 /local2")]
    [InlineData("r6gd.4xlarge", "/local1")]
    [InlineData("c5d.9xlarge", "/local1")]
    [InlineData("i3.large", "/local1")]
    public void Each_disk_of_the_instance_store_gets_a_directory(string type, string made)
    {
        var outcome = Read(FormatEachDisk, type);
        Assert.Equal(made, Made(outcome));
        Assert.Equal(made, string.Join(' ', outcome.Mounts.Select(mount => mount.Path)));
        Assert.Empty(outcome.Findings);
    }

    [Fact]
    public void Without_local_disks_set_e_ends_the_script_at_chown()
    {
        var outcome = Read(FormatEachDisk, "m5.xlarge");
        Assert.Equal("", Made(outcome));
        var finding = Assert.Single(outcome.Findings);
        Assert.Equal(20, finding.Line);
        Assert.Equal("/usr/bin/chown -hR +999:+1000 /local*", finding.Text);
    }

    [Fact]
    public void A_doubled_dollar_outside_of_a_template_is_the_process_id_and_makes_nothing()
    {
        var outcome = Read(FormatEachDisk.Replace("${", "$${", StringComparison.Ordinal), "r5d.4xlarge");
        Assert.False(outcome.HasDirectory("/local1"));
        Assert.Contains(outcome.Findings, finding => finding.Line == 14 && finding.Why.Contains("$$", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("mkdir -p /local1 /local2", "/local1 /local2")]
    [InlineData("mkdir -p /local{1..3}", "/local1 /local2 /local3")]
    [InlineData("mkdir -p /data/{a,b}/x", "/data /data/a /data/a/x /data/b /data/b/x")]
    [InlineData("mkdir /a/b\nmkdir /c", "/c")]
    [InlineData("set -e\nmkdir /a/b\nmkdir /c", "")]
    [InlineData("set -e\nmkdir /a/b || true\nmkdir /c", "/c")]
    [InlineData("[ -d /local1 ] || mkdir /local1", "/local1")]
    [InlineData("if [[ ! -d /x && -b /dev/nvme1n1 ]]; then mkdir /x; else mkdir /y; fi", "/x")]
    [InlineData("if [ -b /dev/nvme9n1 ]; then mkdir /x; elif [ 1 -eq 1 ]; then mkdir /y; fi", "/y")]
    [InlineData("for i in $(seq 1 2); do mkdir /d$i; done", "/d1 /d2")]
    [InlineData("for ((i = 0; i < 3; i++)); do mkdir /d$i; done", "/d0 /d1 /d2")]
    [InlineData("i=0; while [ $i -lt 2 ]; do mkdir /w$i; i=$((i+1)); done", "/w0 /w1")]
    [InlineData("while true; do :; done\nmkdir /never", "")]
    [InlineData("make() { mkdir -p \"/$1\"; }\nmake one; make two", "/one /two")]
    [InlineData("case r5d.4xlarge in r5d*|r6gd*) mkdir /mem ;; *) mkdir /other ;; esac", "/mem")]
    [InlineData("D=( $(ls /dev/nvme*n1) ); mkdir /count${#D[@]}", "/count3")]
    [InlineData("D=$(nvme list | grep 'Instance Storage' | awk '{print $1}')\nfor d in $D; do mkdir /m/${d#/dev/} -p; done", "/m /m/nvme1n1 /m/nvme2n1")]
    [InlineData("N=$(lsblk -dno NAME,MODEL | grep -c 'EC2 NVMe'); mkdir /n$N", "/n2")]
    [InlineData("lsblk -dn -o NAME | grep nvme | while read -r d; do mkdir /w-$d; done", "/w-nvme0n1 /w-nvme1n1 /w-nvme2n1")]
    [InlineData("mapfile -t D < <(find /dev/disk/by-id -name '*Instance_Storage*' | sort)\nmkdir /f${#D[@]} /$(basename $(readlink -f ${D[0]}))", "/f2 /nvme1n1")]
    [InlineData("lsblk -dpno NAME,TYPE | awk '$2==\"disk\" && NR>1 {print $1}' | xargs -I{} sh -c 'mkdir /x$(basename {})'", "/xnvme1n1 /xnvme2n1")]
    [InlineData("X=${UNSET:-/dflt}; mkdir $X", "/dflt")]
    [InlineData("set -u\nmkdir $NOPE/x\nmkdir /y", "")]
    [InlineData("cat > /tmp/s.sh <<'E'\nmkdir /from-file\nE\nbash /tmp/s.sh", "/from-file")]
    [InlineData("mkdir '/with space' \"/q$((2 * 3))\"", "/q6 /with space")]
    [InlineData("mkdir /d; rm -rf /d", "")]
    public void Shell_is_played(string script, string made) => Assert.Equal(made, Made(Read("#!/bin/bash\n" + script, "r5d.4xlarge")));

    [Theory]
    [InlineData("mkfs.ext4 /dev/nvme1n1 && mkdir /a && mount /dev/nvme1n1 /a", "/dev/nvme1n1 /a ext4", 0)]
    [InlineData("mkfs -t xfs /dev/nvme1n1; mkdir /a; mount -o noatime /dev/nvme1n1 /a", "/dev/nvme1n1 /a xfs", 0)]
    [InlineData("mkdir /a; mount /dev/nvme1n1 /a", "", 1)]
    [InlineData("mkfs.xfs /dev/nvme1n1; mount /dev/nvme1n1 /nowhere", "", 1)]
    [InlineData("mkfs.xfs /dev/nvme5n1", "", 1)]
    [InlineData("mkfs.xfs /dev/nvme0n1", "", 1)]
    [InlineData("mdadm --create /dev/md0 --level=0 --raid-devices=2 /dev/nvme1n1 /dev/nvme2n1; mkfs.xfs /dev/md0; mkdir /r; mount /dev/md0 /r", "/dev/md0 /r xfs", 0)]
    [InlineData("mdadm --create /dev/md0 --level=0 --raid-devices=3 /dev/nvme1n1 /dev/nvme2n1", "", 1)]
    [InlineData("mkfs.xfs /dev/nvme1n1; mkdir /u; echo \"UUID=$(blkid -s UUID -o value /dev/nvme1n1) /u xfs defaults 0 2\" >> /etc/fstab; mount -a", "/dev/nvme1n1 /u xfs", 0)]
    [InlineData("vgcreate vg /dev/nvme1n1 /dev/nvme2n1; lvcreate -n all -l 100%FREE vg; mkfs.xfs /dev/vg/all; mkdir /v; mount /dev/vg/all /v", "/dev/vg/all /v xfs", 0)]
    public void Disks_are_formatted_and_mounted_or_it_is_said_why_not(string script, string mounts, int findings)
    {
        var outcome = Read("#!/bin/bash\n" + script, "r5d.4xlarge");
        Assert.Equal(mounts, string.Join(", ", outcome.Mounts.Select(mount => $"{mount.Device} {mount.Path} {mount.FileSystem}")));
        Assert.Equal(findings, outcome.Findings.Length);
    }

    [Theory]
    [InlineData("export LOCAL_DISKS=raid0\n/etc/eks/bootstrap.sh cluster", "/mnt/k8s-disks/0")]
    [InlineData("LOCAL_DISKS=mount /etc/eks/bootstrap.sh cluster", "/mnt/k8s-disks/1 /mnt/k8s-disks/2")]
    [InlineData("/etc/eks/bootstrap.sh cluster --local-disks raid0", "/mnt/k8s-disks/0")]
    [InlineData("cat <<-EOF > /etc/profile.d/bootstrap.sh\nexport LOCAL_DISKS='raid0'\nEOF\nsed -i '/^set -o errexit/a\\\\nsource /etc/profile.d/bootstrap.sh' /etc/eks/bootstrap.sh", "/mnt/k8s-disks/0")]
    [InlineData("export LOCAL_DISKS=raid0", "/mnt/k8s-disks/0")]
    [InlineData("echo nothing", "")]
    public void The_bootstrap_script_sets_up_local_disks(string script, string places)
    {
        var outcome = Read("#!/bin/bash\n" + script, "r5d.4xlarge");
        Assert.Equal(places, string.Join(' ', outcome.Mounts.Select(mount => mount.Path)));
        Assert.Equal(places.Length > 0, outcome.HasDirectory("/mnt/k8s-disks"));
        Assert.Equal("", string.Join(' ', Read("#!/bin/bash\n" + script, "m5.large").Mounts.Select(mount => mount.Path)));
    }

    [Fact]
    public void Karpenters_own_part_and_a_node_config_are_read_beside_the_users()
    {
        const string Merged = """
            MIME-Version: 1.0
            Content-Type: multipart/mixed; boundary="//"

            --//
            Content-Type: text/x-shellscript; charset="us-ascii"

            #!/bin/bash
            mkdir /mine

            --//
            Content-Type: application/node.eks.aws

            apiVersion: node.eks.aws/v1alpha1
            kind: NodeConfig
            spec:
              instance:
                localStorage:
                  strategy: RAID0

            --//
            Content-Type: text/x-shellscript; charset="us-ascii"

            #!/bin/bash -xe
            exec > >(tee /var/log/user-data.log|logger -t user-data -s 2>/dev/console) 2>&1
            /etc/eks/bootstrap.sh 'sparkwright' --apiserver-endpoint 'https://example' --container-runtime containerd \
            --kubelet-extra-args '--node-labels=a=b'
            --//--
            """;
        var outcome = Read(Merged, "r5d.4xlarge");
        Assert.Empty(outcome.Findings);
        Assert.True(outcome.HasDirectory("/mine"));
        Assert.Equal("/mnt/k8s-disks/0", Assert.Single(outcome.Mounts).Path);
    }

    [Theory]
    [InlineData("my-tool --dir=/scratch/x", 2, "/scratch", true)]
    [InlineData("my-tool /scratch*", 2, "/scratch7", true)]
    [InlineData("my-tool /scratch", 2, "/other", false)]
    [InlineData("echo one\nmkdir /a | | /scratch/b", 3, "/scratch/b", true)]
    [InlineData("X=$(python3 -c 'print(1)')", 2, "/scratch", false)]
    public void A_line_not_understood_is_a_finding_and_its_paths_count_as_present(string script, int line, string path, bool present)
    {
        var outcome = Read("#!/bin/bash\n" + script, "r5d.4xlarge");
        Assert.Equal(line, Assert.Single(outcome.Findings).Line);
        Assert.Equal(present, outcome.HasDirectory(path));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("[settings.kubernetes]\nmax-pods = 20\n[settings.bootstrap-commands]\nx = \"mkdir /local1\"")]
    public void Nothing_and_Bottlerocket_settings_make_no_directory(string? userData)
    {
        var outcome = Read(userData, "r5d.4xlarge");
        Assert.Empty(outcome.Findings);
        Assert.False(outcome.HasDirectory("/local1"));
        Assert.True(outcome.HasDirectory("/var/log"));
    }

    [Theory]
    [InlineData("$(")]
    [InlineData("'")]
    [InlineData("\"${")]
    [InlineData("if true; then")]
    [InlineData("for x in; do")]
    [InlineData("((((((((")]
    [InlineData("cat <<E")]
    [InlineData("echo ${a[")]
    [InlineData("f() { f; }; f")]
    [InlineData("echo {1..99999}{1..99999}")]
    [InlineData("X=$((1 << 99 / 0))")]
    [InlineData("[[ a =~ ( ]]")]
    [InlineData("echo a | sed 's/(/x/' | awk '{print substr($1,2)}' | grep '['")]
    [InlineData("case x in")]
    [InlineData("mount; lsblk -o; cut; xargs -I; vgcreate; sort -")]
    [InlineData("eval 'eval \"eval x\"'; set --; shift 9; read; printf %s%")]
    public void Broken_scripts_never_break_the_reader(string script)
    {
        Read("#!/bin/bash\n" + script, "r5d.4xlarge");
        Read("#!/bin/bash\n" + string.Concat(Enumerable.Repeat(script, 2000)), "r5d.4xlarge");
    }

    [Fact]
    public void Any_soup_of_shell_words_is_read_to_an_end()
    {
        string[] pieces =
        [
            "mkdir", "-p", "/local1", "mount", "-a", "mkfs.xfs", "/dev/nvme1n1", "lsblk", "-o", "NAME,TYPE", "-dsn", "awk", "'/disk/ {print $1}'", "'{n++} END{print n}'", "|", "&&", "||", ";",
            "\n", "for", "in", "do", "done", "if", "then", "else", "fi", "while", "case", "esac", ";;", "(", ")", "((", "))", "[[", "]]", "[", "]", "{", "}", "$(", "$((", "${", "\"", "'", "`", "$x",
            "${x%/*}", "${x//a/b}", "${x:1:2}", "${#x[@]}", "x=1", "x+=(1 2)", "x[3]=4", "x=( a b )", ">", ">>", "<", "<<E", "E", "<<<", "2>&1", "&", "!", "=", "==", "=~", "-eq", "*", "{a,b}", "{1..3}", "$",
            "\\", "#", "echo", "-e", "printf", "%s", "read", "set", "-e", "--", "shift", "xargs", "-I", "{}", "-n1", "sed", "s/a/b/", "-i", "cut", "-d", "-f1", "grep", "-o", "sort", "-u", "seq", "3",
            "tr", "a-z", "head", "-n", "tail", "+2", "mdadm", "--create", "/dev/md0", "vgcreate", "lvcreate", "blkid", "find", "-name", "ls", "cd", "..", "eval", "source", "/etc/fstab", "tee", "cp", "mv", "rm", "-rf", "ln",
            "function", "f()", "f", "return", "break", "continue", "exit", "local", "export", "unset", "let", "x++", "test", "-d", "-z", "mapfile", "< <(", "nvme", "list", "sudo", "env", "bash", "-c", "chown", "basename",
        ];
        var chance = new Sparkwright.Simulation.Chance(7);
        for (var script = 0; script < 4000; script++)
        {
            var draw = chance.For("script", script);
            var text = "#!/bin/bash\n";
            for (var word = 0; word < 30; word++)
            {
                text += pieces[(int)draw.Below(pieces.Length)] + (draw.Next.Below(8) == 0 ? "" : " ");
                draw = draw.Next.Next;
            }

            try
            {
                Read(text, "r5d.4xlarge");
            }
            catch (Exception broken)
            {
                Assert.Fail($"{text}\n{broken}");
            }
        }
    }

    private static UserDataOutcome Read(string? userData, string type) => UserDataReader.Read(userData, NodeDisks.Of(Ec2Catalogue.ForRegion("us-west-2").Find(type)!));

    private static string Made(UserDataOutcome outcome)
    {
        var untouched = UserDataReader.Read(null, new NodeDisks()).Directories;
        return string.Join(' ', outcome.Directories.Except(untouched));
    }
}
