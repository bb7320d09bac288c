MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="//"

--//
Content-Type: text/x-shellscript; charset="us-ascii"

#!/bin/bash
# Puts every NVMe disk of the instance under /local1, /local2, ... for Spark's shuffle files.
set -ex

IDX=1
DEVICES=$(lsblk -o NAME,TYPE -dsn | awk '/disk/ {print $1}')

for DEV in $DEVICES
do
  mkfs.xfs /dev/${DEV}
  mkdir -p /local${IDX}
  echo /dev/${DEV} /local${IDX} xfs defaults,noatime 1 2 >> /etc/fstab
  IDX=$((${IDX} + 1))
done

mount -a

/usr/bin/chown -hR +999:+1000 /local*

/etc/eks/bootstrap.sh emr-eks-karpenter --container-runtime containerd

--//--
